"""The session's log, and how the window comes back."""

from __future__ import annotations

import pytest

from medview.app.main import _layout_named
from medview.app.wiring import Desk
from medview.core.errors import InputError
from medview.core.scene.layout import Layout


def test_what_a_toast_said_can_be_read_again_in_the_log(desk: Desk) -> None:
    desk.notices.tell("Lung segmentation was cancelled.")
    desk.notices.failed("Opening", InputError("The file is cut short."))
    lines = desk.window.log.text.toPlainText().splitlines()
    assert lines[-2].endswith("Lung segmentation was cancelled.")
    assert lines[-1].endswith("The file is cut short.")


@pytest.mark.parametrize("layout", Layout)
def test_the_window_comes_back_in_the_layout_it_was_left_in(layout: Layout) -> None:
    assert _layout_named(layout.value) is layout


def test_a_layout_of_another_version_falls_back_to_four_views() -> None:
    assert _layout_named("nine-up") is Layout.FOUR_UP
