"""Names that no package may have: medview's own, and those of what the application ships."""

from __future__ import annotations

from importlib.metadata import Distribution, distributions

from medview.host.discovery import normalised
from medview.host.packages.errors import PackageError
from medview.host.packages.rebuild import OWN, is_editable

DECOY = "medview"
"""A distribution of that name on public indexes is another project."""


def installed_versions() -> dict[str, str]:
    """Version of every distribution that the application ships, by normalised name."""
    return {name: each.version for name, each in _installed().items()}


def require_free_name(name: str) -> None:
    """Refuse a package that calls itself like medview, or like a part of the application.

    pip takes an installed distribution of that name and version for the package itself, so
    another's file would come in under a name that is trusted.

    Parameters
    ----------
    name : str
        Normalised. A model that its author has in this environment may be installed beside it.

    Raises
    ------
    PackageError
        Code ``package-decoy`` or ``package-ships``.
    """
    if name in (DECOY, OWN):
        raise PackageError(
            f"'{name}' is refused: medview itself comes from its own installation only.",
            code="package-decoy",
        )
    ours = _installed().get(name)
    if ours is not None and not is_editable(ours) and not _brings_models(ours):
        raise PackageError(
            f"'{name}' is refused: the application ships '{name}' {ours.version} itself, and "
            "nothing of that name is a package of models.",
            code="package-ships",
        )


def _installed() -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    for each in distributions():
        name = each.metadata["Name"]
        if name:
            found.setdefault(normalised(name), each)
    return found


def _brings_models(installed: Distribution) -> bool:
    return "medview.model." in (installed.read_text("entry_points.txt") or "")
