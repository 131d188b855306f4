"""What an author's first package finds is drawn in the window."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medview.core.findings.labelmap import LabelMap
from medview.host.template import write_package
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from medview.testing.phantoms import ball_phantom
from tests.gui.app.acts import layers, run_and_wait
from tests.gui.app.packages.doing import LEFT, card_of, consent_to


def test_a_new_package_is_installed_run_and_its_mask_lies_on_the_series(
    opened, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = write_package("bright-spots", "segmentation", tmp_path)
    # The threshold of 300 lies half-way between ball and air, where its edge is.
    ball = ball_phantom(radius_mm=20.0, inside=1600.0)
    write_dicom_series(ball, tmp_path / "ball", header=SeriesHeader(seed="dense ball"))
    desk = opened(tmp_path / "ball")
    consent = consent_to(desk, qtbot, folder)
    QTest.mouseClick(consent.agree_button, LEFT)
    card = card_of(desk, qtbot, "bright-spots")
    qtbot.waitUntil(card.run_button.isEnabled, timeout=20_000)
    assert layers(desk) == ()
    (layer,) = run_and_wait(desk, qtbot, "bright-spots")
    assert isinstance(layer.finding, LabelMap)
    assert layer.finding.name == "Dense tissue"
    assert layer.finding.volume_ml(1) == pytest.approx(4 / 3 * math.pi * 2.0**3, rel=0.05)
