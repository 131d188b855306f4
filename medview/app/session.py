"""`Session`: the state of one window, made once and passed to its controllers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from medview.core.scene.cursor import Cursor, CursorState
from medview.core.scene.scene import Scene
from medview.core.scene.viewport import (
    PlaneName,
    SliceState,
    SliceViewport,
    VolumeState,
    VolumeViewport,
)
from medview.core.undo.stack import UndoStack

PLANES: tuple[PlaneName, ...] = get_args(PlaneName)


@dataclass(frozen=True, eq=False)
class Session:
    """What is open, how it is shown, and what can be taken back.

    Attributes
    ----------
    scene : Scene
    cursor : Cursor
        Shared by all four views.
    planes : mapping of plane to SliceViewport
    volume : VolumeViewport
    undo : UndoStack
    """

    scene: Scene
    cursor: Cursor
    planes: Mapping[PlaneName, SliceViewport]
    volume: VolumeViewport
    undo: UndoStack


def new_session() -> Session:
    """An empty session."""
    return Session(
        scene=Scene(),
        cursor=Cursor(CursorState()),
        planes={plane: SliceViewport(SliceState(plane=plane)) for plane in PLANES},
        volume=VolumeViewport(VolumeState()),
        undo=UndoStack(),
    )
