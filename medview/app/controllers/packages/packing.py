"""Write an offline pack of an installed package: its wheel, its locked wheels, its weights."""

from __future__ import annotations

import platform as platforms
import sysconfig
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from packaging.utils import parse_wheel_filename

from medview import __version__
from medview.app.controllers.output import new_file
from medview.app.controllers.packages.manage import Installed
from medview.core.errors import WeightsError
from medview.core.progress import ProgressFn, ignore_progress
from medview.host.discovery import normalised
from medview.host.handle import ModelHandle
from medview.host.packages.errors import PackageError
from medview.host.packages.found import brought_weights
from medview.host.packages.pack import PackedWeights, write_pack
from medview.host.packages.pip import PipFailed, run_pip
from medview.host.packages.places import Places
from medview.host.packages.platforms import markers_of, require_whole
from medview.host.packages.rebuild import OWN, is_editable, needed_by, wheel_of_installed
from medview.host.packages.records import Generation, Locked
from medview.host.packages.scratch import scratch_folder
from medview.host.packages.stage import build_wheel, require_harmless_wheel
from medview.host.packages.static import offer_of_folder
from medview.host.packages.store import PackageStore
from medview.host.packages.verify import changes_of
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
        If it is not what was installed any more, or a wheel for that platform cannot be had.
    UsageError
        If the target is there already, or nobody knows that platform.
    """
    here = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    if platform:
        markers_of(platform)
    with (
        new_file(target, overwrite=overwrite) as file,
        scratch_folder() as scratch,
        nullcontext() if each.package is None else store.in_use(each.package.active),
    ):
        progress(None, "Comparing files")
        locked: tuple[Locked, ...] = ()
        if each.package is None:
            progress(None, "Collecting wheels")
            wheels = [_own_wheel(distribution(each.name), scratch, places, progress)]
            shared = _versions(needed_by(each.name))
        else:
            current = each.package.current
            _require_unchanged(store, current)
            progress(None, "Collecting wheels")
            locked, shared = current.locked, current.shared
            wheels = _locked_wheels(each.name, locked, store.site(current.id), scratch)
        if platform and platform != here:
            wheels = _for_platform(wheels, locked, shared, platform, places, scratch, progress)
        write_pack(
            file,
            wheels,
            _weights(handles, weights_folder),
            python=".".join(platforms.python_version_tuple()[:2]),
            platform=platform or here,
            shared=shared,
            resolved=locked,
            progress=progress,
        )


def _require_unchanged(store: PackageStore, generation: Generation) -> None:
    changes = changes_of(store, generation)
    if changes:
        raise PackageError(
            f"'{generation.distribution}' is not what was installed, so it is not packed. "
            f"{' '.join(changes)}",
            code="package-changed",
        )


def _own_wheel(
    installed: Distribution, scratch: Path, places: Places, progress: ProgressFn
) -> Path:
    if not is_editable(installed):
        return wheel_of_installed(installed, scratch / "wheels", unchanged=True)
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
    wheels: Sequence[Path],
    locked: Sequence[Locked],
    shared: Sequence[str],
    platform: str,
    places: Places,
    scratch: Path,
    progress: ProgressFn,
) -> list[Path]:
    """Wheels of the same versions for another platform; refuses what cannot be known here."""
    named = {wheel: _name_and_version(wheel) for wheel in wheels}
    own = {OWN: __version__, **dict(named.values())}
    require_whole(wheels, {**dict(pin.split("==", 1) for pin in shared), **own}, platform)
    origins = {item.name: item.origin for item in locked}
    found = []
    for wheel, (name, version) in named.items():
        if wheel.stem.endswith("-any"):
            found.append(wheel)
        elif wheel == wheels[0]:
            # Its name may be taken by anyone on a public index.
            raise PackageError(
                f"'{name}' itself has parts that were compiled for this computer. Install and "
                f"pack it on one of {platform}.",
                code="package-other-system",
            )
        else:
            # What came from a folder may have a name that means something else elsewhere.
            where = places if origins.get(name) == "index" else places.offline
            found.append(_fetched(name, version, platform, where, scratch, progress))
    return found


def _fetched(
    name: str, version: str, platform: str, places: Places, scratch: Path, progress: ProgressFn
) -> Path:
    target = scratch / platform / name
    python = ".".join(platforms.python_version_tuple()[:2])
    wanted = [
        "download", "--no-deps", "--only-binary=:all:", "--platform", platform,
        "--python-version", python, "--dest", str(target), f"{name}=={version}",
    ]  # fmt: skip
    try:
        run_pip(wanted, places=places, scratch=scratch, progress=progress)
    except PipFailed as error:
        raise PackageError(
            f"'{name} {version}' for {platform} cannot be had from {places.words}. {error.message}",
            code="package-other-system",
        ) from error
    (wheel,) = target.glob("*.whl")
    require_harmless_wheel(wheel)
    return wheel


def _name_and_version(wheel: Path) -> tuple[str, str]:
    name, version, *_ = parse_wheel_filename(wheel.name)
    return str(name), str(version)


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
            brought = brought_weights(handle.found)
            if path.is_relative_to(folder) or (brought and path.is_relative_to(brought)):
                found.append(PackedWeights(handle.id, path))
    return found


def _versions(installed: Iterable[Distribution]) -> tuple[str, ...]:
    return tuple(sorted(f"{normalised(d.name)}=={d.version}" for d in installed))
