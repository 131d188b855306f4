"""Write an offline pack of an installed package: its wheel, its locked wheels, its weights."""

from __future__ import annotations

import platform as platforms
import sysconfig
from collections.abc import Iterable, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from medview.app.controllers.output import new_file
from medview.app.controllers.packages.manage import Installed
from medview.core.errors import WeightsError
from medview.core.progress import ProgressFn, ignore_progress
from medview.host.discovery import normalised
from medview.host.handle import ModelHandle
from medview.host.packages.errors import PackageError
from medview.host.packages.pack import PackedWeights, write_pack
from medview.host.packages.pip import run_pip
from medview.host.packages.places import Places
from medview.host.packages.rebuild import OWN, is_editable, needed_by, wheel_of_installed
from medview.host.packages.records import Locked
from medview.host.packages.scratch import scratch_folder
from medview.host.packages.stage import build_wheel
from medview.host.packages.static import offer_of_folder
from medview.host.packages.store import PackageStore
from medview.host.weights import weights_resolver


def pack_package(
    each: Installed,
    target: Path,
    *,
    store: PackageStore,
    handles: Iterable[ModelHandle],
    weights_folder: Path,
    places: Places,
    platform: str = "",
    overwrite: bool = False,
    progress: ProgressFn = ignore_progress,
) -> None:
    """Write the pack of one package.

    Parameters
    ----------
    each : Installed
    target : Path
        The zip.
    store, weights_folder
        Where packages and weights are installed.
    handles : iterable of ModelHandle
        The models of the package; their weights come along.
    places : Places
        Asked only where another platform needs other wheels.
    platform : str
        As pip names it, e.g. ``win_amd64``; this computer's by default.

    Raises
    ------
    PackageError
        If a wheel for that platform cannot be had.
    UsageError
        If the target is there already.
    """
    here = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    with (
        new_file(target, overwrite=overwrite) as file,
        scratch_folder() as scratch,
    ):
        progress(None, "Collecting wheels")
        if each.package is None:
            installed = distribution(each.name)
            wheels = [_own_wheel(installed, scratch, places, progress)]
            shared = _versions(needed_by(each.name))
        else:
            current = each.package.current
            site = store.site(current.id)
            wheels = _locked_wheels(each.name, current.locked, site, scratch)
            shared = current.shared
        if platform and platform != here:
            wheels = _for_platform(wheels, platform, places, scratch, progress)
        weights = _weights(handles, weights_folder)
        write_pack(
            file,
            wheels,
            weights,
            python=".".join(platforms.python_version_tuple()[:2]),
            platform=platform or here,
            shared=shared,
            progress=progress,
        )


def _own_wheel(
    installed: Distribution, scratch: Path, places: Places, progress: ProgressFn
) -> Path:
    if not is_editable(installed):
        return wheel_of_installed(installed, scratch / "wheels")
    import json

    text = installed.read_text("direct_url.json") or "{}"
    folder = Path(url2pathname(unquote(urlsplit(json.loads(text)["url"]).path)))
    return build_wheel(folder, offer_of_folder(folder), places, scratch, progress)


def _locked_wheels(name: str, locked: Sequence[Locked], site: Path, scratch: Path) -> list[Path]:
    found = {normalised(d.name): d for d in distributions(path=[str(site)])}
    # medview itself comes from the application that installs the pack.
    others = [item.name for item in locked if item.name not in (name, OWN)]
    try:
        return [wheel_of_installed(found[each], scratch / "wheels") for each in (name, *others)]
    except (KeyError, PackageNotFoundError) as error:
        raise PackageError(
            f"The installation of '{name}' is not whole. See: medview plugins doctor {name}"
        ) from error


def _for_platform(
    wheels: Sequence[Path], platform: str, places: Places, scratch: Path, progress: ProgressFn
) -> list[Path]:
    found = []
    for wheel in wheels:
        name, version, tag = wheel.name.split("-")[0], wheel.name.split("-")[1], wheel.stem
        if tag.endswith("-any"):
            found.append(wheel)
            continue
        target = scratch / platform / name
        run_pip(
            [
                "download", "--no-deps", "--only-binary=:all:", "--platform", platform,
                "--dest", str(target), f"{name}=={version}",
            ],
            places=places,
            scratch=scratch,
            progress=progress,
        )  # fmt: skip
        found += sorted(target.glob("*.whl"))
    return found


def _weights(handles: Iterable[ModelHandle], folder: Path) -> list[PackedWeights]:
    found = []
    for handle in handles:
        handle.ensure_ready()
        if handle.card is None:
            continue
        find = weights_resolver(handle, folder, public=())
        for weights in handle.card.weights:
            try:
                path = find(weights.name)
            except WeightsError:
                if weights.required:
                    raise
                continue
            # What ships inside the package is in its wheel.
            if path.is_relative_to(folder):
                found.append(PackedWeights(handle.id, path))
    return found


def _versions(installed: Iterable[Distribution]) -> tuple[str, ...]:
    return tuple(sorted(f"{normalised(d.name)}=={d.version}" for d in installed))
