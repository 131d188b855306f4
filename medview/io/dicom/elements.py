"""Typed values out of the bytes that a header keeps (PS3.5 section 6.2)."""

from __future__ import annotations

import math
import struct
from functools import lru_cache

from medview.io.dicom import tags
from medview.io.dicom.header import Header


def text(header: Header, tag: int) -> str:
    """A code string, UID or number as text; empty if absent."""
    raw = header.values.get(tag)
    return _text(raw) if raw else ""


# The slices of a series repeat most values, so their conversions are worth remembering.
@lru_cache(maxsize=4096)
def _text(raw: bytes) -> str:
    return raw.strip(b"\0 ").decode("ascii", "replace")


def words(header: Header, tag: int) -> tuple[str, ...]:
    """The values of a multi-valued text element, blanks removed."""
    raw = header.values.get(tag)
    return _words(raw) if raw else ()


@lru_cache(maxsize=4096)
def _words(raw: bytes) -> tuple[str, ...]:
    value = _text(raw)
    return tuple(part.strip() for part in value.split("\\")) if value else ()


def numbers(header: Header, tag: int) -> tuple[float, ...]:
    """Decimal or integer strings; empty if absent or if any of them is no finite number."""
    raw = header.values.get(tag)
    return _numbers(raw) if raw else ()


@lru_cache(maxsize=4096)
def _numbers(raw: bytes) -> tuple[float, ...]:
    try:
        # float() accepts surrounding blanks, not NUL; underscores are Python's and no DS's.
        if b"_" in raw:
            return ()
        parsed = tuple(map(float, raw.strip(b"\0 ").split(b"\\")))
    except ValueError:
        return ()
    return parsed if all(map(math.isfinite, parsed)) else ()


def number(header: Header, tag: int) -> float | None:
    """The first decimal string, or None."""
    found = numbers(header, tag)
    return found[0] if found else None


def whole(header: Header, tag: int) -> int | None:
    """An integer string, or None if absent or not whole."""
    found = number(header, tag)
    return int(found) if found is not None and found == int(found) else None


def unsigned(header: Header, tag: int) -> int | None:
    """A binary US or UL value, or None."""
    raw = header.values.get(tag)
    if not raw or len(raw) < 2:
        return None
    raw = raw[:4] if len(raw) == 4 else raw[:2]
    return int.from_bytes(raw, "big" if header.big_endian else "little")


def signed_or_unsigned(header: Header, tag: int, signed: bool) -> int | None:
    """A binary US or SS value; which of both, the pixel representation says."""
    raw = header.values.get(tag)
    if not raw or len(raw) < 2:
        return None
    return int.from_bytes(raw[:2], "big" if header.big_endian else "little", signed=signed)


def doubles(header: Header, tag: int) -> tuple[float, ...]:
    """Binary FD values; empty if absent or not finite."""
    raw = header.values.get(tag, b"")
    count = len(raw) // 8
    if not count or len(raw) % 8:
        return ()
    found = struct.unpack(f"{'>' if header.big_endian else '<'}{count}d", raw)
    return found if all(map(math.isfinite, found)) else ()


def words_of_person(header: Header, tag: int) -> str | None:
    """A text element in the file's own character set, or None if absent or empty."""
    raw = header.values.get(tag)
    if raw is None:
        return None
    raw = raw.strip(b"\0 ")
    if not raw:
        return None
    # Plain letters are the same in every character set but the Japanese one of 1969.
    declared = header.values.get(tags.CHARACTER_SET, b"")
    if raw.isascii() and b"\x1b" not in raw and b"IR 13" not in declared:
        return raw.decode("ascii").strip()
    from medview.io.dicom.charset import decode_text

    return decode_text(raw, words(header, tags.CHARACTER_SET), person=tag == tags.PATIENT_NAME)
