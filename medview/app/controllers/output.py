"""Write results whole or not at all: beside the target under a temporary name, then renamed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medview.core.errors import UsageError


@contextmanager
def new_file(path: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """A temporary path beside `path` that takes its name when the block ends well.

    The temporary name ends as `path` does, because writers choose the format by it.

    Raises
    ------
    UsageError
        If `path` exists and `overwrite` is not set, or the place cannot be written.
    """
    require_free_file(path, overwrite=overwrite)
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".medview-", dir=path.parent))
    try:
        with _explained(path):
            yield folder / path.name
            (folder / path.name).replace(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A temporary folder beside `path` that takes its name when the block ends well.

    Raises
    ------
    UsageError
        If `path` is there and not an empty folder, or the place cannot be written.
    """
    require_free_folder(path, hint="")
    with _explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        holder = Path(tempfile.mkdtemp(prefix=".medview-", dir=path.parent))
    try:
        with _explained(path):
            made = holder / path.name
            made.mkdir()
            yield made
            if path.is_dir():
                path.rmdir()
            made.rename(path)
    finally:
        shutil.rmtree(holder, ignore_errors=True)


def require_free_file(
    path: Path, *, overwrite: bool = False, sources: tuple[Path, ...] = ()
) -> None:
    """Raise `UsageError` unless a file may be written there; what is read is never replaced."""
    with _explained(path):
        if path.is_dir():
            raise UsageError(f"'{path.name}' is a folder, and a file is to be written.")
        _require_writable(path)
        if path.exists() and not overwrite:
            raise UsageError(
                f"'{path.name}' exists. Choose another name, or replace it with --overwrite.",
                code="output-exists",
            )
        if any(other.resolve() == path.resolve() for other in sources):
            raise UsageError(
                f"'{path.name}' is not replaced, because it is the source. Choose another name.",
                code="output-protected",
            )


def require_free_folder(
    path: Path,
    *,
    overwrite: bool = False,
    sources: tuple[Path, ...] = (),
    hint: str = ", or replace it whole with --overwrite",
) -> None:
    """Raise `UsageError` unless a folder may be written there.

    Parameters
    ----------
    path : Path
        Must be absent or an empty folder, unless `overwrite`.
    overwrite : bool
        The folder is replaced whole.
    sources : tuple of Path
        What is read. A folder that holds any of it is never replaced.
    hint : str
        Ends the sentence that refuses a folder which is not empty.
    """
    with _explained(path):
        if path.exists() and not path.is_dir():
            raise UsageError(f"'{path.name}' is a file, and a folder is to be written.")
        _require_writable(path)
        if not path.is_dir() or not any(path.iterdir()):
            return
    if not overwrite:
        raise UsageError(
            f"The folder '{path.name}' is not empty. Choose another{hint}.",
            code="output-exists",
        )
    target = path.resolve()
    inside = [*sources, Path.cwd(), Path.home()]
    if any(other.resolve().is_relative_to(target) for other in inside):
        raise UsageError(
            f"The folder '{path.name}' is not replaced, because it holds the source, the working "
            "folder or your home. Choose another.",
            code="output-protected",
        )


def _require_writable(path: Path) -> None:
    # Asked before long work begins; whether it holds true at the end is seen only then.
    above = next((p for p in path.absolute().parents if p.exists()), None)
    if above is None or not above.is_dir() or not os.access(above, os.W_OK):
        raise UsageError(
            f"'{path.name}' cannot be written: its folder is not one that you may write to.",
            code="not-writable",
        )


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise UsageError(f"'{path.name}' cannot be written: {why}.", code="not-writable") from error
