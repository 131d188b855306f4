"""`resolve`: what has to be installed for a package, before anything is installed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement

from medview import __version__
from medview.core.progress import ProgressFn
from medview.host.discovery import normalised
from medview.host.hashing import sha256_of
from medview.host.packages.errors import PackageError
from medview.host.packages.names import DECOY, installed_versions
from medview.host.packages.offer import Offer
from medview.host.packages.pip import IndexUnreached, PipFailed, run_pip
from medview.host.packages.places import Places
from medview.host.packages.rebuild import OWN, base_wheels, needed_by, own_wheel
from medview.host.packages.records import Locked


@dataclass(frozen=True, slots=True)
class Pin:
    """One wheel to install: what it is, and where it is."""

    locked: Locked
    url: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes into the package's own directory.

    Attributes
    ----------
    pins : tuple of Pin
    complete : bool
        Whether these are everything; else the rest is the application's, as `shared` says.
    shared : tuple of str
        ``name==version``.
    places : Places
        Where the pins were found.
    """

    pins: tuple[Pin, ...]
    complete: bool
    shared: tuple[str, ...]
    places: Places


def resolve(wheel: Path, offer: Offer, places: Places, scratch: Path, progress: ProgressFn) -> Plan:
    """Choose versions: with the application's if they agree, else a complete set of its own.

    Parameters
    ----------
    wheel : Path
        The package.
    offer : Offer
        What it says of itself.
    places : Places
        Folders are tried before any index is asked.

    Raises
    ------
    PackageError
        If something that it needs is nowhere to be had, or its needs contradict themselves
        or this version of medview.
    """
    for _ in require_ours(offer.requires, f"'{offer.distribution}'"):
        pass
    installed = installed_versions()
    what = f"What '{offer.distribution}' needs cannot be installed."
    failure: PipFailed | None = None
    tries = _tries(places)
    for places_now in tries:
        try:
            return _shared(wheel, offer, installed, places_now, scratch, progress)
        except PipFailed as error:
            failure = error
    own = own_wheel(scratch / "own")
    base_wheels(scratch / "base")
    away = failure if isinstance(failure, IndexUnreached) and failure.reached_none else None
    for places_now in tries if away is None else [places.offline]:
        try:
            whole = places_now.with_folders([scratch / "base"])
            return _complete(wheel, offer, own, whole, scratch, progress)
        except PipFailed as error:
            failure = error
    if away is not None and failure is not None:
        # The index is not asked again, but now it is known what it is needed for.
        failure = away.needed_for(failure.output)
    raise _unresolved(what, failure, places)


def resolve_build(
    requires: Sequence[str], places: Places, scratch: Path, progress: ProgressFn
) -> Plan:
    """Choose what a package is built with, beyond what the application ships.

    medview itself, where a build asks for it, is the application's.

    Parameters
    ----------
    requires : sequence of str
        ``build-system.requires``, as written.
    places : Places
        Folders are tried before any index is asked.

    Raises
    ------
    PackageError
        If something is nowhere to be had as a wheel, or must not be had.
    """
    asked = [str(need) for need in require_ours(requires, "Its build")]
    failure: PipFailed | None = None
    for places_now in _tries(places):
        try:
            report = _dry_run(asked, places_now, scratch, progress)
            return Plan(tuple(_pins(report, {})), False, (), places_now)
        except PipFailed as error:
            failure = error
    raise _unresolved("What it is built with cannot be had.", failure, places)


def require_ours(requires: Iterable[str], who: str) -> Iterator[Requirement]:
    """The needs that apply here; refuses those that would bring another medview.

    Parameters
    ----------
    requires : iterable of str
        As written.
    who : str
        Whose needs they are, for people.

    Raises
    ------
    PackageError
        If one cannot be read, names an address, or asks for another project or version.
    """
    for wanted in _needs(requires):
        name = normalised(wanted.name)
        if name == DECOY:
            raise PackageError(
                f"{who} depends on '{DECOY}', which is another project; a model "
                f"depends on '{OWN}'. Its author has to put that right.",
                code="package-decoy",
            )
        if name == OWN and not wanted.specifier.contains(__version__, prereleases=True):
            raise PackageError(
                f"{who} needs {OWN} {wanted.specifier}, and this is {__version__}.",
                code="package-other-medview",
            )
        yield wanted


def _unresolved(what: str, failure: PipFailed | None, places: Places) -> PackageError:
    assert failure is not None
    asked = "" if places.online else " No package index was asked."
    away = isinstance(failure, IndexUnreached)
    error = PackageError(
        f"{what} {failure.message}{asked}", code=failure.code if away else "package-unresolved"
    )
    error.__cause__ = failure
    return error


def _tries(places: Places) -> list[Places]:
    return [places.offline, places] if places.online else [places]


def _needs(requires: Iterable[str]) -> Iterator[Requirement]:
    for text in requires:
        try:
            wanted = Requirement(text)
        except InvalidRequirement as error:
            raise PackageError(
                f"It states a dependency that nobody can read: {text[:200]}."
            ) from error
        if wanted.url is not None:
            # pip would fetch it from anywhere, and build it where it is no wheel.
            raise PackageError(
                f"It wants '{wanted.name}' from an address of its own, which no index and no "
                "folder of wheels vouches for.",
                code="package-direct-reference",
            )
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            yield wanted


def _shared(
    wheel: Path,
    offer: Offer,
    installed: Mapping[str, str],
    places: Places,
    scratch: Path,
    progress: ProgressFn,
) -> Plan:
    constraints = scratch / "constraints.txt"
    # An author may have an editable copy of the very package in this environment.
    others = sorted(item for item in installed.items() if item[0] != offer.distribution)
    lines = (f"{name}=={version}\n" for name, version in others)
    constraints.write_text("".join(lines), "utf-8")
    report = _dry_run(["--constraint", str(constraints), str(wheel)], places, scratch, progress)
    pins = tuple(_pins(report, {wheel.as_uri(): "offered"}))
    if not any(pin.locked.name == offer.distribution for pin in pins):
        itself = Locked(offer.distribution, offer.version, offer.sha256, "offered")
        pins = (*pins, Pin(itself, wheel.as_uri()))
    _require_very_file(pins, offer)
    for pin in pins:
        if pin.locked.name in installed and pin.locked.name != offer.distribution:
            raise PackageError(f"'{pin.locked.name}' of the application would be replaced.")
    own = {pin.locked.name for pin in pins}
    return Plan(pins, False, _shared_versions(report, installed, own), places)


def _complete(
    wheel: Path, offer: Offer, own: Path, places: Places, scratch: Path, progress: ProgressFn
) -> Plan:
    wanted = ["--ignore-installed", str(wheel), f"{OWN} @ {own.as_uri()}"]
    report = _dry_run(wanted, places, scratch, progress)
    pins = tuple(_pins(report, {wheel.as_uri(): "offered", own.as_uri(): "medview"}))
    _require_very_file(pins, offer)
    ours = [pin for pin in pins if pin.locked.name == OWN]
    if [pin.locked.sha256 for pin in ours] != [sha256_of(own)]:
        raise PackageError(f"'{OWN}' would not be the application's own.", code="package-decoy")
    return Plan(pins, True, (), places)


def _require_very_file(pins: Iterable[Pin], offer: Offer) -> None:
    found = [pin.locked.sha256 for pin in pins if pin.locked.origin == "offered"]
    if found != [offer.sha256]:
        raise PackageError(
            f"'{offer.distribution}' would not be the file that was looked at.",
            code="package-changed",
        )


def _dry_run(
    wanted: list[str], places: Places, scratch: Path, progress: ProgressFn
) -> dict[str, Any]:
    target = scratch / "report.json"
    target.unlink(missing_ok=True)
    run_pip(
        ["install", "--dry-run", "--only-binary=:all:", "--report", str(target), *wanted],
        places=places,
        scratch=scratch,
        progress=progress,
    )
    document: dict[str, Any] = json.loads(target.read_text("utf-8"))
    return document


def _pins(report: Mapping[str, Any], known: Mapping[str, str]) -> Iterator[Pin]:
    """What pip would install; `known` tells the origin of files that were given by address."""
    for item in report["install"]:
        name = normalised(item["metadata"]["name"])
        url = item["download_info"]["url"]
        origin = known.get(url, "file" if url.startswith("file:") else "index")
        if name == DECOY or (name == OWN and origin != "medview"):
            raise PackageError(
                f"'{name}' from an index would be installed with it. medview itself comes from "
                "its own installation only.",
                code="package-decoy",
            )
        if item.get("is_direct") and url not in known:
            raise PackageError(
                f"'{name}' is wanted from an address of its own, which no index and no folder of "
                "wheels vouches for.",
                code="package-direct-reference",
            )
        sha256 = item["download_info"].get("archive_info", {}).get("hashes", {}).get("sha256", "")
        if not sha256:
            raise PackageError(f"'{name}' comes without a hash, so it is not installed.")
        locked = Locked(name, str(item["metadata"]["version"]), sha256, origin)
        yield Pin(locked, url)


def _shared_versions(
    report: Mapping[str, Any], installed: Mapping[str, str], own: set[str]
) -> tuple[str, ...]:
    used = set()
    for item in report["install"]:
        for wanted in _needs(tuple(item["metadata"].get("requires_dist") or ())):
            name = normalised(wanted.name)
            if name in installed and name not in own and name not in used:
                used |= {name, *(normalised(d.name) for d in needed_by(name))}
    return tuple(f"{name}=={installed[name]}" for name in sorted(used & set(installed)))
