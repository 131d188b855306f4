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
from medview.core.undo.commands import concerns
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
    scene, undo = Scene(), UndoStack()
    # A series that is read again has other pixels: what was found on the old ones stays away.
    scene.source_removed.connect(lambda source: undo.forget(lambda c: concerns(c, source.id)))
    return Session(
        scene=scene,
        cursor=Cursor(CursorState()),
        planes={plane: SliceViewport(SliceState(plane=plane)) for plane in PLANES},
        volume=VolumeViewport(VolumeState()),
        undo=undo,
    )
