"""Recognise a DICOM file and read its header."""

from __future__ import annotations

import os

from medview.core.errors import InputError
from medview.io.dicom.fallback import read_unusual_header
from medview.io.dicom.header import Header, UnusualHeaderError, dataset_start, read_header
from medview.io.source import ByteSource


def read_dicom_header(source: ByteSource) -> Header | None:
    """The header of `source`, or None if it is no DICOM file.

    Raises
    ------
    InputError
        If it is DICOM and too damaged to be understood.
    OSError
        If it cannot be read.
    """
    if not source.is_plain and not _may_be_dicom(source.head(256)):
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


def _may_be_dicom(head: bytes) -> bool:
    """Spares unpacking a large member that is something else."""
    return dataset_start(head) is not None
