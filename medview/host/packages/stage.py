"""Fill a staging folder with what was resolved, and look at it before it is used."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path

from medview.core.progress import ProgressFn
from medview.host.discovery import normalised
from medview.host.packages.archive import opened
from medview.host.packages.errors import PackageError
from medview.host.packages.offer import Offer
from medview.host.packages.pip import run_pip
from medview.host.packages.places import Places
from medview.host.packages.rebuild import OWN
from medview.host.packages.record import require_true_record
from medview.host.packages.resolve import Pin, Plan

_AT_START = frozenset({"sitecustomize", "usercustomize"})


def build_wheel(
    folder: Path, offer: Offer, places: Places, scratch: Path, progress: ProgressFn
) -> Path:
    """Build a wheel of a copy of a source folder; this runs code of the package.

    The application ships what most projects are built with (hatchling), so that a
    folder of pure Python is built offline. Where a project asks for something else, that
    comes from the places given, into an environment of its own.

    Raises
    ------
    PackageError
        If it cannot be built.
    """
    from medview.host.packages.requirements import satisfied

    target = scratch / "built"
    here = satisfied(offer.build_requires)
    how = ["--no-build-isolation"] if here else []
    run_pip(
        ["wheel", "--no-deps", *how, "--wheel-dir", str(target), str(folder)],
        places=places.offline if here else places,
        scratch=scratch,
        progress=progress,
    )
    wheels = sorted(target.glob("*.whl"))
    if len(wheels) != 1:
        raise PackageError("Its build made no wheel.", code="package-build")
    return wheels[0]


def install_into(site: Path, plan: Plan, scratch: Path, progress: ProgressFn) -> None:
    """Install what was resolved, by hash, without looking for anything else.

    Raises
    ------
    PackageError
        If a file is not the one that was resolved, or would get in medview's way.
    """
    listing = scratch / "locked.txt"
    listing.write_text("".join(map(_line, plan.pins)), "utf-8")
    site.mkdir(mode=0o700, exist_ok=True)
    run_pip(
        [
            "install", "--no-deps", "--require-hashes", "--only-binary=:all:",
            "--target", str(site), "--requirement", str(listing),
        ],
        places=plan.places,
        scratch=scratch,
        progress=progress,
    )  # fmt: skip
    _require_harmless(site, plan)


def require_harmless_wheel(wheel: Path) -> None:
    """Refuse a wheel that lies about its files, or would take a place of medview's or Python's.

    Raises
    ------
    PackageError
        Code ``package-record`` or ``package-shadows``.
    """
    with opened(wheel) as archive:
        names = {info.filename for info in archive.infolist()}
        require_true_record(archive)
    tops = {name.split("/")[0] for name in names}
    tops |= {n.split("/")[2] for n in names if ".data/purelib/" in n or ".data/platlib/" in n}
    _refuse_shadows(tops, wheel.name)


def _line(pin: Pin) -> str:
    locked = pin.locked
    wanted = f"{locked.name} @ {pin.url}" if pin.direct else f"{locked.name}=={locked.version}"
    return f"{wanted} --hash=sha256:{locked.sha256}\n"


def _require_harmless(site: Path, plan: Plan) -> None:
    found = {normalised(each.metadata["Name"]) for each in distributions(path=[str(site)])}
    expected = {pin.locked.name for pin in plan.pins}
    if found != expected:
        raise PackageError("What was installed is not what was resolved.", code="package-changed")
    tops = {path.name for path in site.iterdir()}
    if plan.complete:
        _require_own_medview(site)
        tops -= {"medview"}
    _refuse_shadows(tops, "It")


def _require_own_medview(site: Path) -> None:
    (ours,) = (d for d in distributions(path=[str(site)]) if normalised(d.name) == OWN)
    recorded = {file.as_posix() for file in ours.files or ()}
    there = {
        path.relative_to(site).as_posix()
        for path in (site / "medview").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    if not there <= recorded:
        raise PackageError("It adds files to medview itself.", code="package-shadows")


def _refuse_shadows(tops: Iterable[str], what: str) -> None:
    # These would be imported by the worker before it has confined itself.
    modules = {top.split(".")[0] for top in tops}
    taken = sorted(modules & (sys.stdlib_module_names | _AT_START | {"medview"}))
    if taken:
        raise PackageError(
            f"'{what}' is refused: it brings '{taken[0]}', which would take the place of a part "
            "of medview or of Python.",
            code="package-shadows",
        )
