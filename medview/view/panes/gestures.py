"""What a drag or a turn of the wheel means: functions of button, keys, tool and profile."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Literal

Profile = Literal["window", "scroll"]
"""What the left button does while no other tool is chosen: window / level, or scroll."""
Button = Literal["left", "middle", "right"]
ViewKind = Literal["slice", "volume"]

PIXELS_PER_SLICE = 6.0
"""Hand movement, in logical pixels, that scrolls one slice while dragging."""
_FAST = 4.0
_WHEEL_STEP = 120.0
_ZOOM_PER_STEP = 1.15
_ZOOM_PER_PIXEL = 1.006


class Tool(StrEnum):
    """What the left button does in slice views."""

    WINDOW = "window"
    SCROLL = "scroll"
    PAN = "pan"
    ZOOM = "zoom"
    PROBE = "probe"


class Drag(StrEnum):
    """What a press and the movement after it do."""

    WINDOW = "window"
    SCROLL = "scroll"
    PAN = "pan"
    ZOOM = "zoom"
    CURSOR = "cursor"
    ROTATE = "rotate"
    NONE = "none"


_DRAG_OF_TOOL = {
    Tool.WINDOW: Drag.WINDOW,
    Tool.SCROLL: Drag.SCROLL,
    Tool.PAN: Drag.PAN,
    Tool.ZOOM: Drag.ZOOM,
    Tool.PROBE: Drag.CURSOR,
}


def default_tool(profile: Profile) -> Tool:
    """The tool that a profile starts with."""
    return Tool.SCROLL if profile == "scroll" else Tool.WINDOW


def drag_of(
    button: Button, *, shift: bool = False, tool: Tool = Tool.WINDOW, kind: ViewKind = "slice"
) -> Drag:
    """What dragging with `button` does.

    Slice views: left as the tool says, middle pans, right zooms, Shift + left
    pans. Volume views: left rotates whatever the tool, the rest is the same.
    """
    if button == "middle" or (button == "left" and shift):
        return Drag.PAN
    if button == "right":
        return Drag.ZOOM
    return Drag.ROTATE if kind == "volume" else _DRAG_OF_TOOL[tool]


def wheel_zooms(*, ctrl: bool, kind: ViewKind = "slice") -> bool:
    """Whether the wheel zooms; otherwise it goes through the slices."""
    return ctrl or kind == "volume"


def zoom_of_drag(dy: float) -> float:
    """Magnification for `dy` logical pixels of movement; down is closer, above 1."""
    return math.pow(_ZOOM_PER_PIXEL, dy)


def zoom_of_wheel(angle: float) -> float:
    """Magnification for a wheel angle in eighths of a degree; away from the hand is closer."""
    return math.pow(_ZOOM_PER_STEP, angle / _WHEEL_STEP)


def window_of_drag(dx: float, dy: float, *, fast: bool) -> tuple[float, float]:
    """Hand movement that counts for window / level; Ctrl makes it faster."""
    gain = _FAST if fast else 1.0
    return dx * gain, dy * gain


class Steps:
    """Collects fractions of a step, so that slow trackpads and fast wheels lose none.

    Parameters
    ----------
    size : float
        Movement that makes one whole step.
    """

    def __init__(self, size: float) -> None:
        self._size = size
        self._rest = 0.0

    def add(self, movement: float) -> int:
        """Whole steps that are due after `movement`; the sign is the movement's."""
        # A turn back must act at once instead of first undoing the collected rest.
        if self._rest * movement < 0:
            self._rest = 0.0
        self._rest += movement / self._size
        whole = math.trunc(self._rest)
        self._rest -= whole
        return whole

    def reset(self) -> None:
        """Forget the rest, as at the start of a drag."""
        self._rest = 0.0


def wheel_steps() -> Steps:
    """Steps of a wheel: one per 15 degrees."""
    return Steps(_WHEEL_STEP)


def drag_steps(*, fast: bool = False) -> Steps:
    """Steps of a drag through slices; Ctrl makes it faster."""
    return Steps(PIXELS_PER_SLICE / (_FAST if fast else 1.0))
