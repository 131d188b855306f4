"""`Opened`: what reading many planes of one object needs, found once and let go afterwards."""

from __future__ import annotations

import io
import threading
from typing import BinaryIO

from medview.io.dicom.fragments import Range, frame_ranges
from medview.io.dicom.header import inflate
from medview.io.dicom.instance import Instance


class Opened:
    """Keeps, while a series is read, what would else be found anew for every frame.

    Unfolded content of objects with several frames that lie in archives, and where the
    fragments of compressed frames lie. Belongs to one act of reading; used by many threads.
    """

    def __init__(self) -> None:
        self._contents: dict[int, bytes] = {}
        self._ranges: dict[int, list[list[Range]]] = {}
        self._lock = threading.Lock()

    def stream(self, instance: Instance) -> BinaryIO:
        """The content of an object as a seekable stream, to be closed by the caller.

        Raises
        ------
        InputError
            If packed content is damaged.
        OSError
            If the file cannot be read.
        """
        header = instance.header
        if header.source.is_plain and header.inflated_from is None:
            return header.source.open()
        if instance.frame_count == 1:
            return io.BytesIO(_unfolded(instance))
        # Within the lock, so that threads that need it at once wait for one another.
        with self._lock:
            if id(instance) not in self._contents:
                self._contents[id(instance)] = _unfolded(instance)
            return io.BytesIO(self._contents[id(instance)])

    def ranges(self, instance: Instance, stream: BinaryIO, start: int) -> list[list[Range]]:
        """Where the compressed bytes of each frame lie; see `frame_ranges`."""
        known = self._ranges.get(id(instance))
        if known is None:
            known = frame_ranges(stream, start, instance.frame_count)
            self._ranges[id(instance)] = known
        return known


def _unfolded(instance: Instance) -> bytes:
    header = instance.header
    with header.source.open() as stream:
        if header.inflated_from is None:
            return stream.read()
        return inflate(stream, header.inflated_from, stream.seek(0, 2))
