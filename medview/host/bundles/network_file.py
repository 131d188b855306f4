"""Whether a file has the form of an ONNX or TorchScript network; nothing of it is run."""

from __future__ import annotations

import os
import zipfile
from typing import IO

from medview.host.bundles.files import ModelFiles, refused
from medview.host.packages.archive import DAMAGED

_GRAPH = 7
_VARINT, _EIGHT_BYTES, _COUNTED, _FOUR_BYTES = 0, 1, 2, 5
_LONGEST_VARINT = 10
_MOST_FIELDS = 100_000
"""Of a model itself: networks have some tens, and a file of tiny ones would take hours to read."""


def require_network(files: ModelFiles, name: str) -> None:
    """Refuse a file that cannot be the network that its ending promises.

    Parameters
    ----------
    files : ModelFiles
    name : str
        Of the network; endings other than ``.onnx``, ``.pt`` and ``.ts`` promise nothing.

    Raises
    ------
    InputError
        If it is junk, cut off, or weights without their network.
    """
    size = next((member.size for member in files.members if member.name == name), 0)
    with files.opened(name) as stream:
        if name.lower().endswith(".onnx") and not is_onnx(stream, size):
            raise refused(f"{name} is no ONNX file, or a damaged one.")
        if name.lower().endswith((".pt", ".ts")) and not is_torchscript(stream):
            raise refused(
                f"{name} is no TorchScript file, or a damaged one: it is written by "
                "torch.jit.save; weights alone, as torch.save writes them, are no network."
            )


def is_onnx(stream: IO[bytes], size: int) -> bool:
    """Whether the fields of a ``ModelProto``, a graph among them, fill a file of this size."""
    has_graph = False
    for _ in range(_MOST_FIELDS):
        if stream.tell() >= size:
            return has_graph
        tag = _varint(stream)
        if tag is None or tag >> 3 == 0:
            return False
        kind = tag & 7
        length: int | None = {_VARINT: 0, _EIGHT_BYTES: 8, _FOUR_BYTES: 4}.get(kind)
        if kind in (_VARINT, _COUNTED):
            value = _varint(stream)
            if value is None:
                return False
            length = value if kind == _COUNTED else 0
        if length is None or stream.tell() + length > size:
            return False
        stream.seek(length, os.SEEK_CUR)
        has_graph = has_graph or (tag >> 3 == _GRAPH and kind == _COUNTED)
    return False


def is_torchscript(stream: IO[bytes]) -> bool:
    """Whether a file is an archive as ``torch.jit.save`` writes it."""
    try:
        with zipfile.ZipFile(stream) as archive:
            return any(name.endswith("/constants.pkl") for name in archive.namelist())
    except DAMAGED:
        return False


def _varint(stream: IO[bytes]) -> int | None:
    value = 0
    for position in range(_LONGEST_VARINT):
        byte = stream.read(1)
        if not byte:
            return None
        value |= (byte[0] & 0x7F) << (7 * position)
        if byte[0] < 0x80:
            return value
    return None
