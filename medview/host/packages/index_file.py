"""The file that lists the installed packages: read with care, and replaced whole."""

from __future__ import annotations

import json
from pathlib import Path

from medview.host.packages.durable import write_whole
from medview.host.packages.errors import PackageError
from medview.host.packages.records import Index, NewerIndex, decode, encode

DAMAGED = "package-index-damaged"
_MOST_BYTES = 16 << 20


def read_index(path: Path) -> Index | None:
    """The index; None where there is no file.

    Raises
    ------
    PackageError
        If it is damaged, code `DAMAGED`. If it cannot be read, or a newer medview wrote it,
        another code: then nothing is known to be wrong with it.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise PackageError(
            f"The list of installed models ({path.name}) cannot be read: {why}.",
            code="package-index-unreadable",
        ) from error
    try:
        return decode(json.loads(text))
    except NewerIndex as error:
        raise PackageError(
            f"The list of installed models ({path.name}) was written by a newer medview, and "
            "only that can use it.",
            code="package-index-newer",
        ) from error
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise damaged(path, "is damaged") from error


def damaged(path: Path, what: str) -> PackageError:
    """The error of an index that has to be made again, and is not there or `what`."""
    return PackageError(
        f"The list of installed models ({path.name}) {what}, so none of them is used. "
        "Make it again with: medview plugins doctor --repair",
        code=DAMAGED,
    )


def write_index(path: Path, index: Index) -> None:
    """Replace the file; raises OSError."""
    write_whole(path, json.dumps(encode(index), indent=1).encode())
