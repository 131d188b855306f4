"""Whether requirements are met by what is installed here."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from packaging.requirements import InvalidRequirement, Requirement


def satisfied(requirements: Iterable[str]) -> bool:
    """Whether each requirement that applies is installed in a version that fits.

    Extras are not followed: a requirement with extras counts as not met.
    """
    return all(map(_is_met, requirements))


def applying(requirements: Iterable[str]) -> tuple[str, ...]:
    """Those that apply here, without the conditions; extras that nobody asked for do not.

    What nobody can read is given as it is written.
    """
    found = []
    for text in requirements:
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            found.append(text)
            continue
        if wanted.marker is None:
            found.append(text)
        elif wanted.marker.evaluate({"extra": ""}):
            wanted.marker = None
            found.append(str(wanted))
    return tuple(found)


def _is_met(text: str) -> bool:
    try:
        wanted = Requirement(text)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            return True
        return not wanted.extras and wanted.specifier.contains(
            version(wanted.name), prereleases=True
        )
    except (InvalidRequirement, PackageNotFoundError):
        return False
