"""Where the files under ``resources/`` are, in a checkout and in an installed wheel."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def resource(*parts: str) -> Traversable:
    """A file or folder below ``resources/``.

    Parameters
    ----------
    *parts : str
        Path components, e.g. ``"theme", "dark.json"``.

    Raises
    ------
    FileNotFoundError
        If neither the installed package nor the checkout has it.
    """
    checkout = Path(__file__).resolve().parents[2] / "resources"
    for root in (files("medview") / "_resources", checkout):
        found: Traversable = root.joinpath(*parts)
        if found.is_file() or found.is_dir():
            return found
    raise FileNotFoundError(f"No resource {'/'.join(parts)}.")
