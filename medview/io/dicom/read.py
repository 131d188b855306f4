"""Recognise a DICOM file and read its header."""

from __future__ import annotations

import os

from medview.core.errors import InputError
from medview.io.dicom.element_walk import UnusualHeaderError
from medview.io.dicom.fallback import read_unusual_header
from medview.io.dicom.header import Header, dataset_start, read_header
from medview.io.source import ByteSource


def read_dicom_header(source: ByteSource, head: bytes | None = None) -> Header | None:
    """The header of `source`, or None if it is no DICOM file.

    Parameters
    ----------
    source : ByteSource
    head : bytes, optional
        The first bytes, where they are known already, at least 132 if there are as many.

    Raises
    ------
    InputError
        If it is DICOM and too damaged to be understood.
    OSError
        If it cannot be read.
    """
    if not _may_be_dicom(source.head(_PROBE_BYTES) if head is None else head):
        return None
    with source.open() as stream:
        size = os.fstat(stream.fileno()).st_size if source.is_plain else stream.seek(0, 2)
        stream.seek(0)
        try:
            return read_header(source, stream, size)
        except UnusualHeaderError:
            return read_unusual_header(source, stream, size)
        except InputError as error:
            raise InputError(f"{source.name}: {error.message}", code=error.code) from error


_PROBE_BYTES = 256


def _may_be_dicom(head: bytes) -> bool:
    """Spares opening or unpacking what is something else."""
    return dataset_start(head) is not None
