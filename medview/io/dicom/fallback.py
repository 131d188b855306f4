"""Read the header of an unusual DICOM file with pydicom."""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from medview.core.errors import InputError, MedviewError
from medview.io.dicom import tags
from medview.io.dicom.element_walk import PixelLocation
from medview.io.dicom.header import EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, Header
from medview.io.source import ByteSource

if TYPE_CHECKING:
    from pydicom.dataset import FileDataset

_DEFER_BYTES = 4096


_PIXEL_VRS = (b"OB", b"OW", b"OF", b"OD", b"UN")
_WARNINGS = threading.Lock()


@contextmanager
def damage_named(source: ByteSource, what: str) -> Iterator[None]:
    """Turn whatever pydicom raises on a damaged value into one sentence.

    pydicom converts values on first access, and raises errors of many classes then.

    Raises
    ------
    InputError
    """
    try:
        yield
    except MedviewError:
        raise
    except Exception as error:
        raise InputError(f"{source.name}: {what} is damaged.", code="damaged-header") from error


def silence_pydicom() -> None:
    """Keep header values out of logs: pydicom quotes them where it finds fault, names included."""
    from pydicom import config

    config.settings.reading_validation_mode = config.IGNORE
    logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)


def read_dataset(source: ByteSource, stream: BinaryIO) -> FileDataset:
    """All elements but the pixels, as pydicom understands them.

    Raises
    ------
    InputError
        If pydicom finds no DICOM data set.
    """
    import pydicom

    silence_pydicom()
    # Filters of warnings belong to the whole process, so two threads must not swap them at once.
    with _WARNINGS, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return pydicom.dcmread(stream, stop_before_pixels=True, force=True)
        # A damaged file makes pydicom raise nearly anything.
        except Exception as error:
            raise InputError(
                f"{source.name} looks like DICOM, but its header is damaged.",
                code="damaged-header",
            ) from error


def read_unusual_header(source: ByteSource, stream: BinaryIO, size: int) -> Header:
    """The wanted elements of a file that the quick reader gave up on.

    Raises
    ------
    InputError
        If pydicom cannot read it either.
    """
    stream.seek(0)
    dataset = read_dataset(source, stream)
    with damage_named(source, "its header"):
        return _header_of(dataset, source, stream, size)


def _header_of(dataset: FileDataset, source: ByteSource, stream: BinaryIO, size: int) -> Header:
    values: dict[int, bytes] = {}
    for tag in tags.WANTED:
        raw = dataset.get_item(tag)
        value = getattr(raw, "value", None)
        if isinstance(value, bytes):
            values[tag] = value
        elif tag == tags.CHARACTER_SET and value:
            # The one element that pydicom interprets as it reads.
            terms = [value] if isinstance(value, str) else value
            values[tag] = "\\".join(map(str, terms)).encode("ascii", "replace")
    media = str(getattr(dataset.file_meta, "MediaStorageSOPClassUID", "") or "")
    if media:
        values[tags.MEDIA_SOP_CLASS] = media.encode("ascii", "replace")
    if not values and not any(tag in dataset for tag in tags.SEQUENCES):
        raise InputError(
            f"{source.name} looks like DICOM, but nothing in its header could be read.",
            code="damaged-header",
        )
    syntax = str(getattr(dataset.file_meta, "TransferSyntaxUID", "") or "")
    implicit, little = dataset.original_encoding
    if not syntax:
        syntax = IMPLICIT_LITTLE if implicit else EXPLICIT_LITTLE if little else EXPLICIT_BIG
    return Header(
        source=source,
        size=size,
        transfer_syntax=syntax,
        values=values,
        present=frozenset(tag for tag in tags.SEQUENCES if tag in dataset),
        pixels=_find_pixels(stream, source.name, bool(implicit), bool(little)),
        big_endian=not little,
    )


def _find_pixels(stream: BinaryIO, name: str, implicit: bool, little: bool) -> PixelLocation | None:
    """The pixel element where pydicom stopped reading, if it did stop at one."""
    order = "little" if little else "big"
    position = stream.tell()
    head = stream.read(12)
    if len(head) < 8:
        return None
    tag = int.from_bytes(head[:2], order) << 16 | int.from_bytes(head[2:4], order)  # type: ignore[arg-type]
    if tag not in tags.PIXEL_TAGS:
        return None
    long_form = not implicit
    if long_form and head[4:6] not in _PIXEL_VRS:
        raise InputError(
            f"{name}: the element that holds its pixels is damaged.", code="damaged-header"
        )
    raw = head[8:12] if long_form else head[4:8]
    length = int.from_bytes(raw, order)  # type: ignore[arg-type]
    start = position + (12 if long_form else 8)
    in_words = long_form and head[4:6] == b"OW"
    return PixelLocation(start, -1 if length == 0xFFFFFFFF else length, tag, in_words)
