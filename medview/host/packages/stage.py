"""Fill a staging folder with what was resolved, and look at it before it is used."""

from __future__ import annotations

import compileall
import py_compile
import shutil
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from medview.core.progress import ProgressFn
from medview.host.discovery import normalised
from medview.host.hashing import sha256_of
from medview.host.packages.archive import comparable, opened, unpack
from medview.host.packages.errors import PackageError, require_room
from medview.host.packages.offer import Offer
from medview.host.packages.pip import run_pip
from medview.host.packages.places import Places
from medview.host.packages.record import require_true_record
from medview.host.packages.requirements import satisfied
from medview.host.packages.resolve import Pin, Plan, require_ours, resolve_build

_OURS = "medview"
_AT_START = frozenset({"sitecustomize", "usercustomize"})
_TAKEN = frozenset(map(str.casefold, sys.stdlib_module_names | _AT_START | {_OURS}))
"""Top-level names that the worker would import before it has confined itself."""


def build_wheel(
    folder: Path, offer: Offer, places: Places, scratch: Path, progress: ProgressFn
) -> Path:
    """Build a wheel of a copy of a source folder; this runs code of the package.

    The application ships what most projects are built with (hatchling), so that a
    folder of pure Python is built offline. Where a project asks for something else, that
    comes from the places given as wheels, by hash, into a folder of its own. pip itself would
    fetch it unseen: from all places, sources and addresses included.

    Raises
    ------
    PackageError
        If it cannot be built.
    """
    needs = [str(need) for need in require_ours(offer.build_requires, "Its build")]
    in_front = None
    if not satisfied(needs):
        in_front = scratch / "build"
        plan = resolve_build(offer.build_requires, places, scratch, progress)
        install_into(in_front, plan, scratch, progress)
    target = scratch / "built"
    run_pip(
        [
            "wheel", "--no-deps", "--no-build-isolation", "--use-pep517",
            "--wheel-dir", str(target), str(folder),
        ],
        places=Places(),
        scratch=scratch,
        progress=progress,
        builds=True,
        in_front=in_front,
    )  # fmt: skip
    wheels = sorted(target.glob("*.whl"))
    if len(wheels) != 1:
        raise PackageError("Its build made no wheel.", code="package-build")
    return wheels[0]


def install_into(site: Path, plan: Plan, scratch: Path, progress: ProgressFn) -> None:
    """Install what was resolved, by hash, without looking for anything else.

    Every wheel is looked at before pip unpacks the first: it lets a later one overwrite files
    of an earlier one.

    Raises
    ------
    PackageError
        If a file is not the one that was resolved, would get in medview's way, or there is no
        room for it.
    """
    wheels = _fetched(plan, scratch, progress)
    size = 0
    for pin, wheel in zip(plan.pins, wheels, strict=True):
        progress(None, f"Looking at {pin.locked.name}")
        size += require_harmless_wheel(wheel, is_own=pin.locked.origin == "medview")
    site.mkdir(mode=0o700, exist_ok=True)
    require_room(site, size, "Installing it")
    listing = scratch / "locked.txt"
    lines = (
        f"{pin.locked.name} @ {wheel.as_uri()} --hash=sha256:{pin.locked.sha256}\n"
        for pin, wheel in zip(plan.pins, wheels, strict=True)
    )
    listing.write_text("".join(lines), "utf-8")
    run_pip(
        [
            "install", "--no-deps", "--require-hashes", "--only-binary=:all:",
            "--target", str(site), "--requirement", str(listing),
        ],
        places=Places(),
        scratch=scratch,
        progress=progress,
    )  # fmt: skip
    _require_harmless(site, plan, wheels, scratch)


def require_harmless_wheel(wheel: Path, *, is_own: bool = False) -> int:
    """Refuse a wheel that lies about its files, or would take a place of medview's or Python's.

    Parameters
    ----------
    wheel : Path
    is_own : bool
        Whether it is medview's own, made of the running files.

    Returns
    -------
    int
        Bytes that it takes once unpacked.

    Raises
    ------
    PackageError
        Code ``package-archive``, ``package-record`` or ``package-shadows``.
    """
    with opened(wheel) as archive:
        members = archive.infolist()
        require_true_record(archive)
    tops = {top for info in members for top in _tops(info.filename)}
    _refuse_shadows(tops - {_OURS} if is_own else tops, wheel.name)
    return sum(info.file_size for info in members)


def _fetched(plan: Plan, scratch: Path, progress: ProgressFn) -> list[Path]:
    """The wheel of each pin, in a folder that nobody else writes to, and of the right hash."""
    folder = scratch / "wheels"
    folder.mkdir(mode=0o700, exist_ok=True)
    remote = [pin for pin in plan.pins if pin.locked.origin == "index"]
    if remote:
        listing = scratch / "remote.txt"
        lines = (
            f"{p.locked.name}=={p.locked.version} --hash=sha256:{p.locked.sha256}\n" for p in remote
        )
        listing.write_text("".join(lines), "utf-8")
        run_pip(
            [
                "download", "--no-deps", "--require-hashes", "--only-binary=:all:",
                "--dest", str(folder), "--requirement", str(listing),
            ],
            places=plan.places,
            scratch=scratch,
            progress=progress,
        )  # fmt: skip
    return [_file_of(pin, folder) for pin in plan.pins]


def _file_of(pin: Pin, folder: Path) -> Path:
    parts = urlsplit(pin.url)
    path = folder / unquote(parts.path).rpartition("/")[2]
    if pin.locked.origin in ("offered", "medview"):
        path = Path(url2pathname(parts.path))  # already a file of this installation
    elif pin.locked.origin == "file":
        shutil.copyfile(url2pathname(parts.path), path)
    if not path.is_file() or sha256_of(path) != pin.locked.sha256:
        raise PackageError(
            f"'{pin.locked.name}' is not the file that was resolved.", code="package-changed"
        )
    return path


def _tops(name: str) -> Iterator[str]:
    """Names at the top of the search path under which pip would install a member."""
    top, *rest = name.split("/")
    yield top
    if top.casefold().endswith(".data") and len(rest) > 1:
        yield rest[1]
        # What `data` holds under these is where pip puts modules.
        if len(rest) > 3 and rest[1:3] == ["lib", "python"]:
            yield rest[3]


def _require_harmless(site: Path, plan: Plan, wheels: Iterable[Path], scratch: Path) -> None:
    found = {normalised(each.metadata["Name"]) for each in distributions(path=[str(site)])}
    expected = {pin.locked.name for pin in plan.pins}
    if found != expected:
        raise PackageError("What was installed is not what was resolved.", code="package-changed")
    tops = {path.name for path in site.iterdir()}
    for pin, wheel in zip(plan.pins, wheels, strict=True):
        if pin.locked.origin == "medview":
            _require_own_medview(site, wheel, scratch / "unpacked-own")
            tops -= {_OURS}
    _refuse_shadows(tops, "It")


def _require_own_medview(site: Path, own: Path, scratch: Path) -> None:
    """Compare every file of medview in a complete set with the wheel of the running files."""
    with opened(own) as archive:
        hashes = unpack(archive, scratch)
    shutil.rmtree(scratch, ignore_errors=True)
    expected = {name: value for name, value in hashes.items() if name.startswith(f"{_OURS}/")}
    for path in (site / _OURS).rglob("__pycache__"):
        shutil.rmtree(path)
    there = {
        path.relative_to(site).as_posix(): sha256_of(path)
        for path in (site / _OURS).rglob("*")
        if not path.is_dir()
    }
    if there != expected:
        raise PackageError("It changes files of medview itself.", code="package-shadows")
    # What is compiled here belongs to the very source beside it, or is not used.
    compileall.compile_dir(
        site / _OURS, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH
    )


def _refuse_shadows(tops: Iterable[str], what: str) -> None:
    taken = sorted(top for top in tops if comparable(top).split(".")[0].strip() in _TAKEN)
    if taken:
        raise PackageError(
            f"'{what}' is refused: it brings '{taken[0].split('.')[0]}', which would take the "
            "place of a part of medview or of Python.",
            code="package-shadows",
        )
