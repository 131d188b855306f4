"""What a worker may ask while it runs: the path of declared weights, a region of a slide."""

from __future__ import annotations

import errno

import numpy as np

from medview.core.data.image2d import Image2D
from medview.core.data.slide import Slide
from medview.core.data.volume import Volume
from medview.core.errors import MedviewError, UsageError
from medview.core.runctx import RunContext
from medview.worker.blocks import Blocks
from medview.worker.channel import Message
from medview.worker.slides import MOST_PIXELS

NO_ROOM = frozenset({errno.ENOSPC, errno.ENOMEM, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""Of the numbers of an `OSError`: memory, or a disk, is full."""

ASKED = frozenset({"weights", "region"})


def answer(
    question: Message, source: Volume | Image2D | Slide, blocks: Blocks, ctx: RunContext
) -> Message:
    """The answer to send; a refusal is one too.

    Parameters
    ----------
    question : dict
        Of unknown honesty.
    source
        What the model runs on.
    blocks : Blocks
        Where regions are handed over.
    ctx : RunContext
        Knows the weights.
    """
    number = question.get("number")
    told: Message = {"say": "answer", "number": number if type(number) is int else None}
    about_weights = question["say"] == "weights"
    try:
        if about_weights:
            return {**told, "path": str(ctx.weights(str(question.get("name"))[:1000]))}
        return {**told, "array": blocks.put(_region(question.get("region"), source))}
    except MedviewError as error:
        return {**told, "message": error.message, "code": error.code}
    except OSError as error:
        if error.errno in NO_ROOM and not about_weights:
            words = "There is no room to hand over a region of the slide."
            return {**told, "message": words, "code": "no-room"}
        return {**told, **_unreadable(about_weights)}
    except Exception:  # noqa: BLE001  readers of slides raise what they like; the run goes on
        return {**told, **_unreadable(about_weights)}


def _unreadable(about_weights: bool) -> Message:
    if about_weights:
        return {"message": "The weights cannot be read.", "code": "weights-unreadable"}
    return {"message": "A region of the slide cannot be read.", "code": "unreadable"}


def refusal(question: Message) -> Message:
    """The answer while a run is being stopped."""
    number = question.get("number")
    told = {"message": "The run was cancelled.", "code": "cancelled"}
    return {"say": "answer", "number": number if type(number) is int else None, **told}


def _region(
    asked: object, source: Volume | Image2D | Slide
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    match asked:
        case [int(level), int(x), int(y), int(width), int(height)] if (
            not isinstance(source, Volume | Image2D)
            and 0 <= level < len(source.levels)
            and width > 0
            and height > 0
            and max(abs(x), abs(y)) < 1 << 40
        ):
            if width * height > MOST_PIXELS:
                raise UsageError(f"A region has at most {MOST_PIXELS} pixels; read it in parts.")
            region = source.read_region(level, x, y, width, height)
            if region.shape != (height, width, 3) or region.dtype != np.uint8:
                raise ValueError(region.shape)
            return region
    raise UsageError("There is no such region of this source.")
