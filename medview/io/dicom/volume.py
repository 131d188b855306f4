"""Read a part's planes straight into the memory of its volume, in parallel."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from medview.core.errors import InputError
from medview.core.progress import ProgressFn
from medview.io.dicom.decode import stored_dtype, trim_unused_bits
from medview.io.dicom.frame import Frame
from medview.io.dicom.geometry import Layout
from medview.io.dicom.opened import Opened
from medview.io.dicom.picture import has_table, picture_values
from medview.io.dicom.pixels import is_turned_in_pairs, read_stored
from medview.io.dicom.values import RangeError, hoped_dtype, rescale_into

OnSlice = Callable[[NDArray[np.generic], int], None]
MAX_THREADS = 8


def read_volume(
    layout: Layout,
    *,
    factor: float = 1.0,
    progress: ProgressFn,
    on_slice: OnSlice | None = None,
) -> NDArray[np.generic]:
    """Values after rescale on the layout's grid.

    Parameters
    ----------
    layout : Layout
        With a grid.
    factor : float
        Applied after the rescale, e.g. to get SUV.
    progress : callable
        Called per slice, on the calling thread; may raise `Cancelled`.
    on_slice : callable, optional
        Called on the calling thread with each finished slice and its index in the
        volume, the middle one first.

    Returns
    -------
    (k, j, i) ndarray
        int16 (uint8 for plain 8-bit data) where slope and intercept are integral and
        every value fits, else float32.

    Raises
    ------
    InputError
        If a plane cannot be read; nothing half-read is returned.
    """
    has_tables = any(map(has_table, layout.frames))
    dtype = np.dtype(np.float32) if has_tables else hoped_dtype(layout.frames, factor)
    try:
        planes = _read(layout, dtype, factor, progress, on_slice)
    except RangeError:
        planes = _read(layout, np.dtype(np.float32), factor, progress, on_slice)
    return planes


def _read(
    layout: Layout,
    dtype: np.dtype[np.generic],
    factor: float,
    progress: ProgressFn,
    on_slice: OnSlice | None,
) -> NDArray[np.generic]:
    frames = layout.frames
    form = frames[0].format
    order = _middle_first(len(frames))
    if layout.resampling is None:
        out: NDArray[np.generic] = np.empty((len(frames), form.rows, form.columns), dtype)
        _run(_PlaneReader(out, frames, factor).read, order, out, progress, on_slice)
        return out
    from medview.io.dicom.resampling import memory_for_both, resample_planes

    planes, out = memory_for_both(layout, (form.rows, form.columns), dtype)
    _run(_PlaneReader(planes, frames, factor).read, order, planes, progress, None)
    return resample_planes(planes, layout, out, progress, on_slice)


def _middle_first(count: int) -> list[int]:
    middle = count // 2
    return sorted(range(count), key=lambda k: (abs(k - middle), k))


def _run(
    read: Callable[[int], None],
    order: Sequence[int],
    out: NDArray[np.generic],
    progress: ProgressFn,
    on_slice: OnSlice | None,
) -> None:
    """Read planes in threads; the caller's thread only reports."""
    threads = min(MAX_THREADS, os.cpu_count() or 1, len(order))
    with ThreadPoolExecutor(threads, thread_name_prefix="medview-read") as pool:
        futures = {pool.submit(read, k): k for k in order}
        try:
            for done, future in enumerate(as_completed(futures)):
                future.result()
                if on_slice is not None:
                    on_slice(out[futures[future]], futures[future])
                progress((done + 1) / len(order), "Reading slices")
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


@dataclass
class _PlaneReader:
    """Reads single planes into their places."""

    out: NDArray[np.generic]
    frames: Sequence[Frame]
    factor: float

    def __post_init__(self) -> None:
        self._scratch = threading.local()
        self._opened = Opened()

    def read(self, k: int) -> None:
        frame = self.frames[k]
        target = self.out[k]
        if has_table(frame):
            np.copyto(target, picture_values(frame, self.factor, self._opened), casting="unsafe")
            return
        if not self._read_straight(frame, target):
            stored = read_stored(frame, self._opened)
            if stored.ndim != 2 or stored.shape != target.shape:
                raise InputError(
                    f"{frame.instance.header.source.name} holds a picture of another shape than "
                    "its neighbours.",
                    code="damaged-pixels",
                )
            rescale_into(target, stored, frame.slope, frame.intercept, self.factor)

    def _read_straight(self, frame: Frame, target: NDArray[np.generic]) -> bool:
        """Read an uncompressed plane without a copy; False if it needs the general way."""
        header, form = frame.instance.header, frame.format
        location = header.pixels
        if (
            location is None
            or location.is_encapsulated
            or header.inflated_from is not None
            or not header.source.is_plain
            or frame.tile is not None
            or is_turned_in_pairs(frame.instance)
            or form.bits_allocated not in (8, 16, 32)
            or form.samples != 1
        ):
            return False
        dtype = stored_dtype(form, header.big_endian)
        count = form.frame_bytes
        start = location.offset + frame.index * count
        if frame.index * count + count > location.length or start + count > header.size:
            return False
        native = dtype.newbyteorder("=")
        same_size = dtype.itemsize == target.dtype.itemsize
        stored: NDArray[Any] = (
            target.view(native) if same_size else self._buffer(target.shape, native)
        )
        name = header.source.name
        try:
            with header.source.open() as stream:
                stream.seek(start)
                _fill(stream, stored.data.cast("B"), name)
        except OSError as error:
            raise InputError(f"{name} cannot be read any more.", code="unreadable") from error
        if header.big_endian and dtype.itemsize > 1:
            stored.byteswap(inplace=True)
        trim_unused_bits(stored, form)
        if form.is_float and same_size:
            stored = stored.copy()
        rescale_into(target, stored, frame.slope, frame.intercept, self.factor)
        return True

    def _buffer(self, shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> NDArray[np.generic]:
        """A plane's worth of memory that this thread uses again and again."""
        kept = getattr(self._scratch, "kept", None)
        if kept is None or kept.shape != shape or kept.dtype != dtype:
            kept = np.empty(shape, dtype)
            self._scratch.kept = kept
        return kept


def _fill(stream: object, view: memoryview, name: str) -> None:
    done = 0
    while done < len(view):
        count = stream.readinto(view[done:])  # type: ignore[attr-defined]
        if not count:
            raise InputError(f"{name}: its pixels end too early.", code="truncated-pixels")
        done += count
