"""Tell stored copies of one plane or object from different ones."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from medview.core.errors import InputError
from medview.core.notice import Notice
from medview.io.dicom.frame import Frame
from medview.io.dicom.instance import Instance
from medview.io.dicom.opened import Opened
from medview.io.dicom.pixels import read_stored
from medview.io.dicom.planes import Planes


def first_of_equals(frames: Sequence[Frame]) -> list[int]:
    """Indices of the planes to keep when planes with equal values are dropped."""
    kept: list[int] = []
    seen: set[bytes] = set()
    for number, frame in enumerate(frames):
        digest = value_digest(frame)
        if digest is None or digest not in seen:
            kept.append(number)
        if digest is not None:
            seen.add(digest)
    return kept


def object_digest(planes: Planes) -> bytes | None:
    """A hash over the values of every plane, its place, and what tells it from others."""
    digest = hashlib.sha256()
    opened = Opened()
    for frame in planes.frames:
        values = value_digest(frame, opened)
        if values is None:
            return None
        digest.update(values)
        digest.update(repr((frame.position, frame.orientation)).encode("ascii"))
        digest.update(repr((frame.temporal, frame.echo, frame.b_value)).encode("ascii"))
    return digest.digest()


def value_digest(frame: Frame, opened: Opened | None = None) -> bytes | None:
    """A hash over decoded values and rescale; None where they cannot be read.

    Decoded, because the same object may be stored in two transfer syntaxes.
    """
    try:
        stored = read_stored(frame, opened)
    except InputError:
        return None
    digest = hashlib.sha256(repr((stored.shape, frame.slope, frame.intercept)).encode("ascii"))
    digest.update(stored.astype(stored.dtype.newbyteorder("<")).tobytes())
    return digest.digest()


def drop_copied_objects(
    objects: Sequence[Planes],
) -> tuple[list[Planes], dict[int, list[Instance]]]:
    """Keep one of the objects that share a SOP Instance UID, hold equal pixels and lie alike.

    Objects that share a UID and differ are all kept: which one is right, nobody
    can say, and careless anonymisers give one UID to all. A copy that cannot be
    decoded gives way to one that can.

    Returns
    -------
    kept : list of Planes
    dropped : dict
        By ``id`` of the kept instance, the instances that were dropped for it.
    """
    by_uid: dict[str, list[Planes]] = defaultdict(list)
    for planes in objects:
        by_uid[planes.instance.sop_uid].append(planes)
    kept: list[Planes] = []
    dropped: dict[int, list[Instance]] = {}
    for uid, same in by_uid.items():
        if not uid or len(same) == 1:
            kept.extend(same)
            continue
        firsts: dict[bytes | None, Planes] = {}
        for planes in same:
            digest = object_digest(planes) if planes.frames else None
            if digest not in firsts:
                firsts[digest] = planes
            else:
                dropped.setdefault(id(firsts[digest].instance), []).append(planes.instance)
        unreadable = firsts.pop(None, None) if len(firsts) > 1 else None
        kept.extend(firsts.values())
        if unreadable is not None:
            good = next(iter(firsts.values())).instance
            lost = dropped.pop(id(unreadable.instance), [])
            dropped.setdefault(id(good), []).extend([unreadable.instance, *lost])
    return kept, dropped


def copies_notice(count: int) -> Notice:
    """The repair to record where `count` copies were dropped."""
    what = "1 image was" if count == 1 else f"{count} images were"
    return Notice("duplicates-dropped", f"{what} stored more than once; one of each was kept.")
