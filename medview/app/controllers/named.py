"""What a person named: whether there is such a file or folder."""

from __future__ import annotations

from pathlib import Path

from medview.core.errors import UsageError


def is_there(path: Path) -> bool:
    """Whether a file or folder lies at `path`; one that no system call reaches does not.

    `Path.exists` raises where a name is too long, or a folder above may not be looked into.
    """
    try:
        return path.exists()
    except OSError:
        return False


def require_there(path: Path, hint: str = "") -> None:
    """Raise `UsageError` if nothing that can be reached lies at `path`; `hint` ends its text."""
    if not is_there(path):
        name = path.name if len(path.name) <= 80 else f"{path.name[:79]}…"
        raise UsageError(f"There is no file or folder '{name}'.{hint}", code="path-missing")
