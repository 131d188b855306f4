"""Tell stored copies of one plane from different planes at the same place."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from medview.io.dicom.instance import Frame


def first_of_equals(frames: Sequence[Frame]) -> list[int]:
    """Indices of the planes to keep when equal ones are dropped.

    Planes are equal if their objects have one SOP Instance UID, or their stored
    pixels are the same bytes. Only classic single-frame objects are compared.
    """
    kept: list[int] = []
    seen_uids: set[str] = set()
    seen_pixels: set[bytes] = set()
    for number, frame in enumerate(frames):
        instance = frame.instance
        is_classic = instance.frame_count == 1 and frame.tile is None
        uid = instance.sop_uid if is_classic else ""
        if uid and uid in seen_uids:
            continue
        digest = _pixel_digest(frame) if is_classic else None
        if digest is not None and digest in seen_pixels:
            continue
        if uid:
            seen_uids.add(uid)
        if digest is not None:
            seen_pixels.add(digest)
        kept.append(number)
    return kept


def _pixel_digest(frame: Frame) -> bytes | None:
    header = frame.instance.header
    if header.pixels is None:
        return None
    try:
        with header.source.open() as stream:
            stream.seek(header.pixels.offset)
            count = header.pixels.length if header.pixels.length >= 0 else -1
            digest = hashlib.sha256(stream.read(count))
    except OSError:
        return None
    # The same stored numbers mean other values under another rescale.
    digest.update(repr((header.transfer_syntax, frame.slope, frame.intercept)).encode())
    return digest.digest()
