"""What tests do again and again in a whole window."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from medview.app.wiring import Desk
from medview.core.data.volume import Volume
from medview.core.scene.layer import Layer
from medview.view.panels.model_card import ModelCardView


def open_and_wait(desk: Desk, qtbot: QtBot, path: Path) -> Volume:
    """Open a folder and wait until its first series is shown."""
    desk.opener.open([path])
    qtbot.waitUntil(lambda: desk.session.scene.active is not None, timeout=20_000)
    source = desk.session.scene.active
    assert source is not None
    assert isinstance(source.data, Volume)
    return source.data


def model_card(desk: Desk, qtbot: QtBot, model: str) -> ModelCardView:
    """The card of a model, once its verdict on the open series is there."""
    cards = desk.window.models.cards
    qtbot.waitUntil(lambda: model in cards and cards[model].run_button.isEnabled(), timeout=20_000)
    return cards[model]


def layers(desk: Desk) -> tuple[Layer, ...]:
    """Layers on the series on screen."""
    active = desk.session.scene.active
    return desk.session.scene.layers_of(active.id) if active is not None else ()


def run_and_wait(desk: Desk, qtbot: QtBot, model: str) -> tuple[Layer, ...]:
    """Press Run and wait for the result."""
    before = len(layers(desk))
    model_card(desk, qtbot, model).run_button.click()
    qtbot.waitUntil(lambda: len(layers(desk)) > before, timeout=20_000)
    return layers(desk)
