"""The codec of sources: what is opened, as a worker receives it."""

from __future__ import annotations

from typing import Any

from medview.core.data.image2d import Image2D
from medview.core.data.series import SlideLevel
from medview.core.data.slide import Slide
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.worker.blocks import Blocks
from medview.worker.slides import Ask, RemoteSlide
from medview.worker.structure import CodecError, decode, encode, read_value

Source = Volume | Image2D | RemoteSlide
"""What a model receives inside a worker."""


def encode_source(source: Volume | Image2D | Slide, blocks: Blocks) -> dict[str, Any]:
    """JSON that names the pixels, which are written once for each array.

    A slide has none here: the worker asks for the regions that its model reads.
    """
    if not isinstance(source, Volume | Image2D):
        levels, mpp = encode(tuple(source.levels)), encode(source.mpp)
        return {"kind": "slide", "levels": levels, "mpp": mpp, "info": encode(source.info)}
    if isinstance(source, Volume):
        return {"kind": "volume", "array": blocks.lend(source.array), "info": encode(source.info)}
    return {
        "kind": "image",
        "array": blocks.lend(source.array),
        "spacing_mm": encode(source.spacing_mm),
        "info": encode(source.info),
    }


def decode_source(data: dict[str, Any], blocks: Blocks, ask: Ask) -> Source:
    """The source with its pixels mapped read-only, not copied.

    Parameters
    ----------
    data : dict
    blocks : Blocks
    ask : callable
        Asks the application, for the regions of a slide.
    """
    info = decode(SourceInfo, data["info"])
    if data["kind"] == "slide":
        levels = read_value(tuple[SlideLevel, ...], data["levels"], "levels")
        mpp = read_value(tuple[float, float] | None, data["mpp"], "mpp")
        return RemoteSlide(info, levels, mpp, ask, blocks)
    array = blocks.map(data["array"])
    if data["kind"] == "image":
        spacing = data["spacing_mm"]
        return Image2D(array, None if spacing is None else tuple(spacing), info)
    if info.grid is None:
        raise CodecError("A volume has no grid.")
    return Volume(array, info.grid, info)
