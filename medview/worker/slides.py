"""`RemoteSlide`: a slide inside a worker, which asks the application for each region it reads.

The application reads the file, because it knows how; the worker needs no access to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from medview.core.data.series import SlideLevel
from medview.core.data.source import SourceInfo
from medview.core.errors import InputError
from medview.worker.blocks import Blocks
from medview.worker.channel import Message

Ask = Callable[[Message], Message]

MOST_PIXELS = 1 << 26
"""Of one region, 192 MiB; larger ones are read in parts."""


@dataclass(frozen=True, eq=False)
class RemoteSlide:
    """Implements `medview.core.data.slide.Slide`.

    Attributes
    ----------
    info : SourceInfo
    levels : tuple of SlideLevel
    mpp : (float, float) or None
    ask : callable
        Asks the application; raises `Cancelled`.
    blocks : Blocks
        Where regions are handed over.
    """

    info: SourceInfo
    levels: tuple[SlideLevel, ...]
    mpp: tuple[float, float] | None
    ask: Ask
    blocks: Blocks

    def read_region(self, level: int, x: int, y: int, width: int, height: int) -> NDArray[np.uint8]:
        """(height, width, 3) RGB; safe from several threads.

        Raises
        ------
        InputError
            If there is no such region, or it cannot be read.
        Cancelled
            If the user stopped the run.
        """
        region = [int(n) for n in (level, x, y, width, height)]
        answer = self.ask({"say": "region", "region": region})
        if "array" not in answer:
            raise InputError(str(answer.get("message")), code=str(answer.get("code")))
        array = self.blocks.take(answer["array"], 3 * MOST_PIXELS)
        return cast("NDArray[np.uint8]", array)
