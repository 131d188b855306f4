"""What installing a package will probably put where, told from its static files alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement

from medview.host.discovery import normalised
from medview.host.packages.names import installed_versions


@dataclass(frozen=True, slots=True)
class Forecast:
    """What of a package's own needs the application has.

    Attributes
    ----------
    shared : tuple of str
        Names of what is shared with the application.
    missing : tuple of str
        Needs, as written, that the application lacks.
    contradicting : tuple of str
        Needs that the application has in another version, with that version.
    """

    shared: tuple[str, ...]
    missing: tuple[str, ...]
    contradicting: tuple[str, ...]

    @property
    def words(self) -> str:
        """The same in a sentence. What its needs need in turn is seen only when it is resolved."""
        if self.contradicting:
            return (
                "a directory of its own with a complete set of packages, because it asks for "
                f"{_and(self.contradicting)}"
            )
        rest = "the rest is shared with the application" if self.shared else ""
        if self.missing:
            own = f"a directory of its own, with {_and(self.missing)}"
            return f"{own}; {rest}" if rest else own
        return "a directory of its own; what it needs is shared with the application"


def forecast(requires: Iterable[str], installed: Mapping[str, str] | None = None) -> Forecast:
    """Compare a package's needs with what the application ships.

    Parameters
    ----------
    requires : iterable of str
        As written in its metadata; what does not apply here is left out.
    installed : mapping of str to str, optional
        Versions by normalised name; by default those of this application.
    """
    here = installed_versions() if installed is None else installed
    shared, missing, contradicting = [], [], []
    for text in requires:
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            missing.append(text)
            continue
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        need = f"{wanted.name}{wanted.specifier}"
        version = here.get(normalised(wanted.name))
        if version is None:
            missing.append(need)
        elif wanted.specifier.contains(version, prereleases=True):
            shared.append(wanted.name)
        else:
            contradicting.append(f"{need} (the application has {version})")
    return Forecast(tuple(shared), tuple(missing), tuple(contradicting))


def _and(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
