"""`PackageError`: an installation cannot be done, or was stopped to keep what is there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medview.core.errors import ModelError


class PackageError(ModelError):
    """A model package cannot be read, resolved or installed; nothing was changed."""

    code = "package"


@contextmanager
def disk_told(what: str) -> Iterator[None]:
    """Turn what the disk refuses, such as room, into a `PackageError` that names it."""
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise PackageError(f"{what} failed: {why}.", code="package-disk") from error


def require_room(folder: Path, size: int, what: str) -> None:
    """Refuse to begin what needs more bytes than there are.

    Raises
    ------
    PackageError
        Code ``disk-full``.
    """
    if shutil.disk_usage(folder).free < size:
        raise PackageError(
            f"{what} needs {size >> 20} MiB, more than there is on the disk.", code="disk-full"
        )
