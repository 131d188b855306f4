"""State changes once, tells once, and can be taken back."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest

from medview.core.data.series import Series
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.findings.labelmap import Label, LabelMap
from medview.core.findings.provenance import ModelIdentity, Provenance
from medview.core.geometry.grid import Grid
from medview.core.scene.cursor import Cursor, CursorState
from medview.core.scene.layer import Layer, LayerState
from medview.core.scene.scene import OpenSource, Scene
from medview.core.scene.viewport import SliceState, SliceViewport
from medview.core.undo.commands import AddLayers, ChangeLayer, RemoveLayers
from medview.core.undo.stack import UndoStack

GRID = Grid((2, 3, 4), np.eye(4), "1")


def source(name: str) -> OpenSource:
    return OpenSource(name, Series(name, "volume"), "study", Volume(np.zeros(GRID.shape), GRID))


def layer(name: str, on: str = "ct") -> Layer:
    array = np.zeros(GRID.shape, np.uint8)
    return Layer(name, on, LabelMap(name, array, (Label(1, "a", (1, 2, 3)),), GRID))


@pytest.fixture
def scene() -> Scene:
    scene = Scene()
    scene.add_source(source("ct"))
    return scene


# ---- observable --------------------------------------------------------------------------


def test_a_change_is_told_once_with_new_and_old() -> None:
    cursor = Cursor(CursorState())
    told: list[Any] = []
    cursor.changed.connect(lambda new, old: told.append((new, old)))
    cursor.update(position_lps_mm=(1.0, 2.0, 3.0))
    assert told == [(CursorState((1.0, 2.0, 3.0)), CursorState((0.0, 0.0, 0.0)))]


def test_setting_an_equal_state_is_no_change() -> None:
    viewport = SliceViewport(SliceState())
    told: list[Any] = []
    viewport.changed.connect(lambda new, old: told.append(new))
    viewport.set(SliceState())
    viewport.update(height_mm=300.0)
    assert told == []


def test_observers_of_one_viewport_hear_nothing_of_another() -> None:
    one, other = SliceViewport(SliceState()), SliceViewport(SliceState())
    told: list[Any] = []
    one.changed.connect(lambda new, old: told.append(new))
    other.update(height_mm=10.0)
    assert told == []


def test_a_state_cannot_be_changed_behind_the_signal() -> None:
    viewport = SliceViewport(SliceState())
    with pytest.raises(FrozenInstanceError):
        viewport.state.height_mm = 10.0  # type: ignore[misc]
    with pytest.raises(TypeError):
        viewport.update(no_such_field=1)


# ---- scene -------------------------------------------------------------------------------


def test_what_is_opened_is_listed_in_order_and_told(scene: Scene) -> None:
    told: list[Any] = []
    scene.source_added.connect(told.append)
    second = source("mr")
    scene.add_source(second)
    assert [s.id for s in scene.sources] == ["ct", "mr"]
    assert told == [second]
    with pytest.raises(ValueError, match="already open"):
        scene.add_source(source("mr"))


def test_choosing_a_source_is_told_once(scene: Scene) -> None:
    told: list[Any] = []
    scene.active_changed.connect(told.append)
    scene.set_active("ct")
    scene.set_active("ct")
    assert scene.active is scene.sources[0]
    assert told == [scene.active]


def test_closing_a_source_takes_its_layers_with_it(scene: Scene) -> None:
    scene.add_source(source("mr"))
    scene.add_layer(layer("a"))
    scene.add_layer(layer("b", on="mr"))
    scene.set_active("ct")
    gone: list[Any] = []
    scene.layer_removed.connect(lambda removed: gone.append(removed.id))
    scene.source_removed.connect(lambda removed: gone.append(removed.id))
    scene.remove_source("ct")
    assert gone == ["a", "ct"]
    assert scene.active is None
    assert scene.layer("a") is None
    assert scene.layer("b") is not None


def test_a_layer_needs_an_open_source_and_an_id_of_its_own(scene: Scene) -> None:
    with pytest.raises(ValueError, match="not open"):
        scene.add_layer(layer("a", on="mr"))
    scene.add_layer(layer("a"))
    with pytest.raises(ValueError, match="already"):
        scene.add_layer(layer("a"))


def test_layers_are_listed_bottom_first(scene: Scene) -> None:
    for name in "abc":
        scene.add_layer(layer(name))
    assert [x.id for x in scene.layers_of("ct")] == ["a", "b", "c"]


# ---- undo --------------------------------------------------------------------------------


def test_added_layers_go_and_come_back(scene: Scene) -> None:
    stack = UndoStack()
    stack.push(AddLayers(scene, (layer("a"), layer("b")), "Lung segmentation"))
    assert stack.undo_text == "Lung segmentation"
    stack.undo()
    assert scene.layers_of("ct") == ()
    assert (stack.undo_text, stack.redo_text) == (None, "Lung segmentation")
    stack.redo()
    assert [x.id for x in scene.layers_of("ct")] == ["a", "b"]


def test_removed_layers_come_back_only_where_their_source_is_open(scene: Scene) -> None:
    scene.add_source(source("mr"))
    layers = (layer("a"), layer("b", on="mr"))
    for x in layers:
        scene.add_layer(x)
    stack = UndoStack()
    stack.push(RemoveLayers(scene, layers, "Remove"))
    scene.remove_source("mr")
    stack.undo()
    assert scene.layer("a") is layers[0]
    assert scene.layer("b") is None


def test_an_appearance_goes_back_to_what_it_was(scene: Scene) -> None:
    x = layer("a")
    stack = UndoStack()
    stack.push(ChangeLayer(x, x.state, LayerState(opacity=0.9), "Opacity"))
    assert x.state.opacity == 0.9
    stack.undo()
    assert x.state == LayerState()


def test_a_new_act_forgets_what_was_undone(scene: Scene) -> None:
    stack = UndoStack()
    stack.push(AddLayers(scene, (layer("a"),), "A"))
    stack.undo()
    stack.push(AddLayers(scene, (layer("b"),), "B"))
    assert stack.redo_text is None
    stack.redo()
    assert [x.id for x in scene.layers_of("ct")] == ["b"]


def test_the_oldest_acts_are_forgotten_above_the_budget_but_never_the_newest(
    scene: Scene,
) -> None:
    size = 2 * 3 * 4
    stack = UndoStack(budget_bytes=2 * size)
    for name in "abcd":
        stack.push(AddLayers(scene, (layer(name),), name))
    undone = []
    while stack.undo_text:
        undone.append(stack.undo_text)
        stack.undo()
    assert undone == ["d", "c"]
    tight = UndoStack(budget_bytes=1)
    tight.push(AddLayers(scene, (layer("x"),), "x"))
    assert tight.undo_text == "x"


def test_every_act_is_told(scene: Scene) -> None:
    stack, told = UndoStack(), list[str | None]()
    stack.changed.connect(lambda: told.append(stack.undo_text))
    stack.push(AddLayers(scene, (layer("a"),), "A"))
    stack.undo()
    stack.undo()
    stack.redo()
    stack.clear()
    assert told == ["A", None, "A", None]


# ---- time ---------------------------------------------------------------------------------


def at_time(name: str, time: int) -> Volume:
    info = SourceInfo("volume", times=3, time=time, series_uid=name)
    return Volume(np.full(GRID.shape, time), GRID, info)


def made_at(time: int, series_uid: str = "ct") -> Provenance:
    info = SourceInfo("volume", times=3, time=time, series_uid=series_uid)
    identity = ModelIdentity("m", "1", "d", "1")
    return Provenance(identity, info, "cpu", "float32", "2026-01-01", 1.0, "1", "tests")


def test_going_on_in_time_keeps_source_and_layers_and_is_told(scene: Scene) -> None:
    scene.add_layer(layer("a"))
    scene.set_active("ct")
    before = scene.active
    told: list[OpenSource] = []
    scene.data_changed.connect(told.append)
    scene.set_data("ct", at_time("ct", 2))
    after = scene.active
    assert before is not None
    assert after is not None
    assert told == [after]
    assert (after.time, before.time) == (2, 0)
    assert after.opening is before.opening
    assert [each.id for each in scene.layers_of("ct")] == ["a"]


def test_a_source_opened_again_is_another_opening() -> None:
    assert source("ct").opening is not source("ct").opening


@pytest.mark.parametrize(
    ("provenance", "time", "belongs"),
    [
        (None, None, True),
        (None, 1, False),
        (None, 2, True),
        (made_at(1), None, False),
        (made_at(2), None, True),
        # The times of another series in the same frame count by themselves.
        (made_at(1, "another"), None, True),
    ],
)
def test_layers_belong_to_the_time_that_they_were_made_from(
    scene: Scene, provenance: Provenance | None, time: int | None, belongs: bool
) -> None:
    scene.set_data("ct", at_time("ct", 2))
    found = layer("a")
    scene.add_layer(Layer("b", "ct", found.finding, provenance, time=time))
    now = scene.source("ct")
    assert now is not None
    assert [each.id for each in scene.layers_at(now)] == (["b"] if belongs else [])
