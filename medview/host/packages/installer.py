"""`Prepared`: a package that was looked at, may be agreed to, and is then installed.

Until `Prepared.install` is called no code of the package has run, its build backend included.
"""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from medview import __version__
from medview.core.progress import ProgressFn, ignore_progress
from medview.host.card_checks import is_plain_name
from medview.host.discovery import FIRST_PARTY, normalised
from medview.host.hashing import sha256_of
from medview.host.packages.archive import opened, unpack
from medview.host.packages.errors import PackageError, disk_told, require_room
from medview.host.packages.names import DECOY, installed_versions, require_free_name
from medview.host.packages.offer import MOST_MODELS, Kind, Offer, different_terms
from medview.host.packages.pack import Pack, place_weights, read_pack, require_fitting
from medview.host.packages.pip import IndexUnreached, PipFailed, run_pip
from medview.host.packages.places import Places
from medview.host.packages.rebuild import OWN
from medview.host.packages.records import Generation
from medview.host.packages.resolve import Plan, resolve
from medview.host.packages.scratch import scratch_folder
from medview.host.packages.sealed import WEIGHTS
from medview.host.packages.sources import (
    BUNDLE_MARKS,
    Converter,
    Source,
    name_and_version,
    recognise,
)
from medview.host.packages.stage import build_wheel, install_into, require_harmless_wheel
from medview.host.packages.static import offer_of_folder, offer_of_wheel, source_files
from medview.host.packages.store import PackageStore, Staging
from medview.host.spec import API


@dataclass(frozen=True, slots=True)
class Prepared:
    """A package, looked at.

    Attributes
    ----------
    source : Source
    offer : Offer
        Show this before anyone agrees.
    places : Places
        Where what it needs may come from.
    folder : Path
        Private and temporary; holds what was copied, downloaded or unpacked.
    given : Path
        In it: the wheel, or the folder that it is built from. It was read for the terms, and is
        what gets installed, whatever becomes of the person's own file.
    pack : Pack or None
        Where it comes as an offline pack.
    """

    source: Source
    offer: Offer
    places: Places
    folder: Path
    given: Path
    pack: Pack | None = None


@contextmanager
def prepared(
    asked: str | Source,
    places: Places,
    *,
    converters: Sequence[Converter] = (),
    progress: ProgressFn = ignore_progress,
) -> Iterator[Prepared]:
    """Look at a package; what was fetched or unpacked for that is gone when the block ends.

    Parameters
    ----------
    asked : str or Source
        A path, or a name on the index with or without ``==version``.
    places : Places
        An index is asked only for a name; of it the wheel alone is downloaded, which runs nothing.
    converters : sequence of Converter
        For what is no Python package.
    """
    with scratch_folder() as folder:
        with disk_told("Reading it"):
            source = recognise(asked, converters) if isinstance(asked, str) else asked
            chosen = _look(source, places, folder, converters, progress)
        yield chosen


def install(
    chosen: Prepared,
    store: PackageStore,
    describe: Callable[[Generation], None],
    progress: ProgressFn = ignore_progress,
) -> Generation:
    """Install a package that was agreed to; afterwards it is whole and in use, or nothing changed.

    Parameters
    ----------
    chosen : Prepared
    store : PackageStore
    describe : callable
        Asks every model of the generation what it is, in a process of its own; raises
        `PackageError` where one cannot be used.

    Raises
    ------
    PackageError
    """
    offer = chosen.offer
    _require_sound_weights(offer)
    label = f"{offer.distribution or 'package'}-{offer.version or '0'}"
    label = "".join(c if c.isalnum() or c in ".+-" else "-" for c in label)[:120]
    with disk_told("The installation"), store.staging(label) as staging:
        wheel = chosen.given
        if chosen.source.kind in ("folder", "zip"):
            wheel = build_wheel(chosen.given, offer, chosen.places, staging.scratch, progress)
        built = offer_of_wheel(wheel)
        require_free_name(built.distribution)
        _require_agreed(offer, built)
        _require_sound_weights(built)
        require_harmless_wheel(wheel)
        places = chosen.places
        if chosen.pack is not None:
            places = places.offline.with_folders([chosen.pack.wheels])
        progress(None, "Resolving")
        plan = resolve(wheel, built, places, staging.scratch, progress)
        install_into(staging.folder / "site", plan, staging.scratch, progress)
        if chosen.pack is not None:
            place_weights(chosen.pack, staging.folder / WEIGHTS)
        generation = store.put(staging, _generation(staging, built, plan, chosen.source.kind))
        progress(None, "Describing the models")
        describe(generation)
        store.adopt(generation)
    return generation


def _look(
    source: Source,
    places: Places,
    folder: Path,
    converters: Sequence[Converter],
    progress: ProgressFn,
) -> Prepared:
    pack = None
    file = _held(source, folder)
    match source.kind:
        case "wheel":
            given = file
            offer = offer_of_wheel(given)
        case "folder":
            given = _taken(_path(source), folder / "source" / _path(source).name, shutil.copyfile)
            offer = offer_of_folder(given)
        case "zip":
            with opened(file) as archive:
                unpack(archive, folder / "unpacked", progress)
            root = folder / "unpacked" / source.root
            given = _taken(root, folder / "source" / _path(source).stem, os.replace)
            offer = offer_of_folder(given).as_kind("zip", *_hash_and_size(file))
        case "pack":
            pack = read_pack(file, folder / "pack", progress)
            require_fitting(pack)
            given = pack.plugin
            offer = offer_of_wheel(given).as_kind("pack", *_hash_and_size(file))
            brought = {(packed.model, packed.file.name) for packed in pack.weights}
            lacking = (w for w in offer.unsound if (w.model, w.name) not in brought)
            offer = replace(offer, unsound=tuple(lacking))
            file.unlink()
        case "bundle":
            made = folder / "made"
            made.mkdir(mode=0o700)
            inside = replace(source, path=file)
            given = _converter(inside, converters).wheel(inside, made)
            known = file if file.suffix.lower() == ".zip" else given
            offer = offer_of_wheel(given).as_kind("bundle", *_hash_and_size(known))
            with opened(given) as archive:
                names = archive.namelist()
            is_network = any(name.endswith(f"/model/{BUNDLE_MARKS[-1]}") for name in names)
            offer = replace(offer, is_network=is_network)
        case "index":
            given = _download(source, places, folder, progress)
            offer = offer_of_wheel(given).as_kind("index", *_hash_and_size(given))
    if offer.distribution:
        require_free_name(offer.distribution)
    return Prepared(source, offer, places, folder, given, pack)


def _held(source: Source, folder: Path) -> Path:
    """A copy of a file that nobody else writes to; what is no file stays where it is.

    What is shown is read from it, hashed and later installed: one and the same bytes.
    """
    path = source.path
    if path is None or not path.is_file() or path.suffix.lower() == ".json":
        return path or folder
    require_room(folder, path.stat().st_size, "Reading it")
    place = folder / "given"
    place.mkdir(mode=0o700)
    return Path(shutil.copyfile(path, place / path.name))


def _taken(root: Path, target: Path, how: Callable[[Path, Path], object]) -> Path:
    """The files of a package below another folder: a build writes, and not into the person's."""
    files = tuple(source_files(root))
    require_room(target.parents[1], sum(path.stat().st_size for path in files), "Reading it")
    target.mkdir(mode=0o700, parents=True)
    for path in files:
        place = target / path.relative_to(root)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        how(path, place)
    return target


def _hash_and_size(path: Path) -> tuple[str, int]:
    return sha256_of(path), path.stat().st_size


def _download(source: Source, places: Places, folder: Path, progress: ProgressFn) -> Path:
    name, version = name_and_version(source.name)
    if normalised(name) in (DECOY, OWN):
        is_what = "comes with medview" if normalised(name) == OWN else "is another project"
        raise PackageError(
            f"'{name}' {is_what}; nothing of that name is installed from an index.",
            code="package-decoy",
        )
    target, scratch = folder / "downloaded", folder / "scratch"
    scratch.mkdir(mode=0o700)
    wanted = [
            "download", "--no-deps", "--only-binary=:all:", "--dest", str(target),
            f"{name}=={version}" if version else name,
        ]  # fmt: skip
    try:
        run_pip(wanted, places=places, scratch=scratch, progress=progress)
    except IndexUnreached as error:
        raise PackageError(
            f"'{source.name}' is a name on the package index. {error.message}", code=error.code
        ) from error
    except PipFailed as error:
        beside = ""
        if Path(source.name).is_dir():
            beside = f" The folder '{source.name}' that is here holds no package."
        raise PackageError(
            f"'{source.name}' cannot be had as a wheel from {places.words}. "
            f"{error.message}{beside}",
            code="package-not-found",
        ) from error
    (wheel,) = target.glob("*.whl")
    return wheel


def _require_sound_weights(offer: Offer) -> None:
    for weights in offer.unsound:
        if weights.state == "altered":
            raise PackageError(f"Nothing was installed. {weights.words}", code="weights-mismatch")


def _require_agreed(offer: Offer, built: Offer) -> None:
    wrong = different_terms(offer, built)
    if wrong:
        raise PackageError(
            f"Nothing was installed: once built, {wrong}.", code="package-other-terms"
        )
    left_out = sorted({w.name for w in built.unsound} - {w.name for w in offer.unsound})
    if offer.kind in ("folder", "zip") and left_out:
        raise PackageError(
            f"Nothing was installed: the build of '{built.distribution}' leaves out the weights "
            f"'{left_out[0]}', which lie in its folder. Its author has to have them included.",
            code="weights-left-out",
        )
    if not built.entries:
        raise PackageError(
            f"'{built.distribution}' brings no model: it has no entry point {API}.",
            code="package-without-model",
        )
    odd = next((e.id for e in built.entries if not is_plain_name(e.id)), None)
    if odd is not None or len(built.entries) > MOST_MODELS:
        why = f"more than {MOST_MODELS} models" if odd is None else f"a model with the id '{odd}'"
        raise PackageError(f"'{built.distribution}' brings {why}.", code="package-model-ids")
    foreign = sorted({e.api for e in built.entries if e.api != API})
    if foreign:
        raise PackageError(
            f"'{built.distribution}' speaks {foreign[0]}, and this medview {API}.",
            code="package-other-api",
        )
    if built.distribution in FIRST_PARTY and built.distribution in installed_versions():
        raise PackageError(
            f"'{built.distribution}' comes with medview; it is not installed beside it.",
            code="package-first-party",
        )


def _generation(staging: Staging, built: Offer, plan: Plan, kind: Kind) -> Generation:
    return Generation(
        id=staging.id,
        distribution=built.distribution,
        version=built.version,
        models=built.entries,
        complete=plan.complete,
        locked=tuple(sorted((p.locked for p in plan.pins), key=lambda item: item.name)),
        shared=plan.shared,
        source=kind,
        python=".".join(platform.python_version_tuple()[:2]),
        host_version=__version__,
        installed=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _converter(source: Source, converters: Sequence[Converter]) -> Converter:
    for converter in converters:
        if converter.takes(source):
            return converter
    raise PackageError(
        f"'{source.name}' is a bundle of a kind that this medview cannot install.",
        code="package-unknown",
    )


def _path(source: Source) -> Path:
    assert source.path is not None
    return source.path
