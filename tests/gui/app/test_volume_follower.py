"""The 3D view never shows results of one time on the picture of another."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medview.app.controllers.window.volume_follower import VolumeFollower
from medview.core.scene.layer import Layer
from medview.render.caption import Caption


@dataclass
class Seen:
    """Stands for the 3D view; notes every picture that it could have painted."""

    image: Any = None
    layers: dict[str, int | None] = field(default_factory=dict)
    caption: Caption = field(default_factory=Caption)
    pictures: list[tuple[int | None, tuple[int | None, ...]]] = field(default_factory=list)

    def note(self) -> None:
        shown = None if self.image is None else self.image.time
        self.pictures.append((shown, tuple(self.layers.values())))

    def set_image(self, image: Any) -> None:
        self.image = image
        self.note()

    def add_layer(self, layer: Layer) -> None:
        self.layers[layer.id] = layer.time
        self.note()

    def remove_layer(self, layer_id: str) -> None:
        self.layers.pop(layer_id, None)
        self.note()

    def set_caption(self, caption: Caption) -> None:
        self.caption = caption


def image(time: int) -> Any:
    return SimpleNamespace(time=time)


def mask(time: int) -> Layer:
    return Layer(f"mask {time}", "source", None, time=time)  # type: ignore[arg-type]


def go_to(follower: VolumeFollower, time: int, before: int) -> None:
    """What the viewer does when the time changes."""
    follower.remove_layer(f"mask {before}")
    follower.hold()
    follower.set_image(image(time))
    follower.add_layer(mask(time))
    follower.set_caption(Caption(bottom_right=(f"t {time + 1}/9",)))


def test_picture_results_and_caption_change_together(qapp: QApplication, qtbot: QtBot) -> None:
    seen = Seen()
    follower = VolumeFollower(seen)  # type: ignore[arg-type]
    follower.set_image(image(0))
    follower.add_layer(mask(0))
    follower.set_caption(Caption(bottom_right=("t 1/9",)))
    for time in range(1, 9):
        go_to(follower, time, time - 1)
        assert seen.image.time == 0
        assert seen.caption.bottom_right == ("t 1/9",)
    qtbot.waitUntil(lambda: seen.image.time == 8, timeout=20_000)
    assert seen.layers == {"mask 8": 8}
    assert seen.caption.bottom_right == ("t 9/9",)
    for shown, layers in seen.pictures:
        assert all(layer == shown for layer in layers)
    # Times that were only passed by cost nothing.
    assert {shown for shown, _ in seen.pictures} == {0, 8}


def test_another_volume_is_shown_at_once_even_while_time_runs(qapp: QApplication) -> None:
    seen = Seen()
    follower = VolumeFollower(seen)  # type: ignore[arg-type]
    follower.set_image(image(0))
    go_to(follower, 1, 0)
    follower.release()
    assert seen.image.time == 1
    follower.set_image(None)
    assert seen.image is None
    assert not follower.is_holding


def test_a_closed_follower_leaves_the_view_alone(qapp: QApplication, qtbot: QtBot) -> None:
    seen = Seen()
    follower = VolumeFollower(seen)  # type: ignore[arg-type]
    follower.set_image(image(0))
    go_to(follower, 1, 0)
    follower.close()
    count = len(seen.pictures)
    qtbot.wait(400)
    assert len(seen.pictures) == count
