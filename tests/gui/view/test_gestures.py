"""The mapping from mouse to gesture, without a widget."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medview.view.panes.gestures import (
    Drag,
    Steps,
    Tool,
    default_tool,
    drag_of,
    drag_steps,
    wheel_zooms,
    window_of_drag,
    zoom_of_drag,
    zoom_of_wheel,
)


def test_left_windows_middle_pans_and_right_zooms_by_default() -> None:
    tool = default_tool("window")
    assert drag_of("left", tool=tool) is Drag.WINDOW
    assert drag_of("middle", tool=tool) is Drag.PAN
    assert drag_of("right", tool=tool) is Drag.ZOOM


def test_the_scroll_profile_scrolls_with_the_left_button() -> None:
    assert drag_of("left", tool=default_tool("scroll")) is Drag.SCROLL


@pytest.mark.parametrize("tool", list(Tool))
def test_shift_and_left_pans_whatever_the_tool(tool: Tool) -> None:
    assert drag_of("left", shift=True, tool=tool) is Drag.PAN


@pytest.mark.parametrize("tool", list(Tool))
def test_the_tool_never_changes_the_middle_and_right_buttons(tool: Tool) -> None:
    assert (drag_of("middle", tool=tool), drag_of("right", tool=tool)) == (Drag.PAN, Drag.ZOOM)


@pytest.mark.parametrize("tool", list(Tool))
def test_left_rotates_the_volume_whatever_the_tool(tool: Tool) -> None:
    assert drag_of("left", tool=tool, kind="volume") is Drag.ROTATE


def test_the_wheel_scrolls_slices_and_zooms_with_ctrl_or_on_a_volume() -> None:
    assert not wheel_zooms(ctrl=False)
    assert wheel_zooms(ctrl=True)
    assert wheel_zooms(ctrl=False, kind="volume")


@given(st.floats(-500, 500))
def test_zooming_out_undoes_zooming_in(distance: float) -> None:
    assert zoom_of_drag(distance) * zoom_of_drag(-distance) == pytest.approx(1)
    assert zoom_of_wheel(distance) * zoom_of_wheel(-distance) == pytest.approx(1)


def test_dragging_down_and_turning_the_wheel_away_come_closer() -> None:
    assert zoom_of_drag(10) > 1
    assert zoom_of_wheel(120) > 1


def test_ctrl_makes_window_drags_and_scroll_drags_faster() -> None:
    assert window_of_drag(3, -2, fast=True) == (12, -8)
    assert window_of_drag(3, -2, fast=False) == (3, -2)
    assert drag_steps(fast=True).add(6) > drag_steps().add(6) == 1


@given(st.lists(st.floats(0, 30), max_size=40))
def test_small_movements_in_one_direction_lose_no_step(movements: list[float]) -> None:
    steps = Steps(6)
    total = sum(steps.add(movement) for movement in movements)
    assert abs(total - sum(movements) / 6) <= 1


def test_turning_back_acts_at_once() -> None:
    steps = Steps(120)
    assert steps.add(110) == 0
    assert steps.add(-120) == -1
