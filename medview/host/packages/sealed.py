"""What lies in the directory of an installed generation: packages, weights, and what is noted.

``site`` holds the packages and ``weights`` what came with them. A list names all these files with
their hashes; the index pins it, because the RECORD of a package lies where the package lies. A
record says what the generation is, as long as the index names it, so that a damaged index can be
made again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

from medview.host.packages.durable import sync_folder, write_whole
from medview.host.packages.errors import PackageError
from medview.host.packages.records import Generation, decode_generation
from medview.host.packages.trees import hashes_of, make_read_only

SITE, WEIGHTS = "site", "weights"
_FILES, _RECORD = "files.json", "generation.json"
_MOST_BYTES = 256 << 20


def seal(folder: Path, generation: Generation) -> Generation:
    """List what is in a folder, bring all of it to the disk, and make it read-only.

    Returns
    -------
    Generation
        The same, with the list pinned.
    """
    text = json.dumps(hashes_of(folder, to_disk=True), indent=0).encode()
    write_whole(folder / _FILES, text)
    make_read_only(folder)
    return replace(generation, files_sha256=hashlib.sha256(text).hexdigest())


def put_in_place(folder: Path, target: Path) -> None:
    """Rename a sealed folder, and take the last right to write."""
    folder.rename(target)
    target.chmod(0o500)
    sync_folder(target.parent)


def listed_files(place: Path, generation: Generation) -> Mapping[str, str]:
    """What was installed: paths below the directory, and the SHA-256 of each.

    Raises
    ------
    PackageError
        If there is no list, or it is not the one that was pinned.
    """
    if not generation.files_sha256:
        raise PackageError(
            "It was installed by an earlier medview, which kept no list of its files, so they "
            "cannot be compared. Install it again."
        )
    try:
        with (place / _FILES).open("rb") as file:
            text = file.read(_MOST_BYTES)
    except OSError:
        text = b""
    if hashlib.sha256(text).hexdigest() != generation.files_sha256:
        raise PackageError("The list of its files is gone or was changed. Install it again.")
    listed: dict[str, str] = json.loads(text)
    return listed


def present_files(place: Path) -> Mapping[str, str]:
    """What is there now, as `listed_files` tells it; raises OSError."""
    inside = (f"{SITE}/", f"{WEIGHTS}/")
    return {name: digest for name, digest in hashes_of(place).items() if name.startswith(inside)}


def note(place: Path, generation: Generation) -> None:
    """Write down what lies in a directory, unless that was done; raises OSError."""
    if (place / _RECORD).is_file():
        return
    place.chmod(0o700)
    write_whole(place / _RECORD, json.dumps(asdict(generation), indent=1).encode())
    (place / _RECORD).chmod(0o400)
    place.chmod(0o500)


def forget(place: Path) -> None:
    """Take back `note`, as far as that is possible; idempotent."""
    with contextlib.suppress(OSError):
        if (place / _RECORD).is_file():
            place.chmod(0o700)
            (place / _RECORD).unlink()


def noted(places: Iterable[Path]) -> tuple[Generation, ...]:
    """What `note` wrote in these directories, oldest first; what cannot be read is left out."""
    found = []
    for place in places:
        record = place / _RECORD
        with contextlib.suppress(OSError, KeyError, TypeError, ValueError, AttributeError):
            generation = decode_generation(json.loads(record.read_bytes()))
            if generation.id == place.name:
                found.append((generation.installed, record.stat().st_mtime_ns, generation))
    return tuple(generation for *_, generation in sorted(found, key=lambda each: each[:2]))
