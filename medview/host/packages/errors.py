"""`PackageError`: an installation cannot be done, or was stopped to keep what is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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
