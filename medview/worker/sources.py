"""The codec of sources: what is opened, as a worker receives it."""

from __future__ import annotations

from typing import Any

from medview.core.data.image2d import Image2D
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.worker.blocks import Blocks
from medview.worker.structure import CodecError, decode, encode


def encode_source(source: Volume | Image2D, blocks: Blocks) -> dict[str, Any]:
    """JSON that names the pixels, which are written once for each array."""
    if isinstance(source, Volume):
        return {"kind": "volume", "array": blocks.lend(source.array), "info": encode(source.info)}
    return {
        "kind": "image",
        "array": blocks.lend(source.array),
        "spacing_mm": encode(source.spacing_mm),
        "info": encode(source.info),
    }


def decode_source(data: dict[str, Any], blocks: Blocks) -> Volume | Image2D:
    """The source with its pixels mapped read-only, not copied."""
    info = decode(SourceInfo, data["info"])
    array = blocks.map(data["array"])
    if data["kind"] == "image":
        spacing = data["spacing_mm"]
        return Image2D(array, None if spacing is None else tuple(spacing), info)
    if info.grid is None:
        raise CodecError("A volume has no grid.")
    return Volume(array, info.grid, info)
