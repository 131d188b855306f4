"""Images of many frames: the same scrubber and keys as for volumes, and the frame that is meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import UID, ExplicitVRLittleEndian
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medview.app.wiring import Desk
from medview.core.data.intensity import Window
from medview.testing.dicom_writer import uid
from tests.gui.view.events import turn_wheel

FRAMES = 12


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Ultrasound of 12 frames; frame n is 20 n all over."""
    meta = pydicom.dataset.FileMetaDataset()
    meta.MediaStorageSOPClassUID = pydicom.uid.UltrasoundMultiFrameImageStorage
    meta.MediaStorageSOPInstanceUID = UID(uid("clip", "instance"))
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = pydicom.FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID = meta.MediaStorageSOPClassUID
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = uid("clip", "st"), uid("clip", "se")
    dataset.Modality, dataset.PatientID, dataset.PatientName = "US", "1", "Doe"
    dataset.Rows, dataset.Columns, dataset.NumberOfFrames = 40, 60, FRAMES
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    dataset.FrameTime = "40"
    dataset.FrameIncrementPointer = 0x00181063
    dataset.WindowWidth, dataset.WindowCenter = "256", "128"
    values = np.repeat(np.arange(FRAMES, dtype=np.uint8) * 20, 40 * 60)
    dataset.PixelData = values.tobytes()
    dataset["PixelData"].VR = "OB"
    (tmp_path / "clip").mkdir()
    pydicom.dcmwrite(tmp_path / "clip" / "us.dcm", dataset, enforce_file_format=True)
    return tmp_path / "clip"


@pytest.fixture
def showing(desk: Desk, qtbot: QtBot, clip: Path) -> Desk:
    desk.opener.open([clip])
    qtbot.waitUntil(lambda: desk.session.scene.active is not None, timeout=20_000)
    return desk


def grey(desk: Desk) -> int:
    image = desk.window.viewer.image.grab().toImage()
    return image.pixelColor(image.width() // 2, image.height() // 2).red()


def expected(time: int) -> int:
    return 20 * time


def wait_for(desk: Desk, qtbot: QtBot, time: int) -> None:
    qtbot.waitUntil(lambda: desk.times.state.shown == time, timeout=20_000)


def test_every_frame_is_the_one_that_the_bar_names(showing: Desk, qtbot: QtBot) -> None:
    bar = showing.window.viewer.times
    assert bar.isVisible()
    for time in range(FRAMES):
        wait_for(showing, qtbot, time)
        assert bar.words.text() == f"t {time + 1}/{FRAMES}"
        assert grey(showing) == pytest.approx(expected(time), abs=2)
        QTest.keyClicks(showing.window, ".")


def test_wheel_and_ends_go_through_time(showing: Desk, qtbot: QtBot) -> None:
    pane = showing.window.viewer.image
    turn_wheel(pane, -120)
    wait_for(showing, qtbot, 1)
    showing.reading.to_last()
    wait_for(showing, qtbot, FRAMES - 1)
    assert grey(showing) == pytest.approx(expected(FRAMES - 1), abs=2)
    showing.reading.to_first()
    wait_for(showing, qtbot, 0)


def test_window_zoom_and_place_stay_while_it_moves(showing: Desk, qtbot: QtBot) -> None:
    showing.pictures.set_window(Window(100.0, 50.0))
    pane = showing.window.viewer.image
    pane.zoom_at(2.0, pane.rect().center().toPointF())
    target = pane.target()
    QTest.keyClicks(showing.window, ".")
    wait_for(showing, qtbot, 1)
    assert pane.target() == target
    assert grey(showing) == pytest.approx(expected(1) / 100 * 255, abs=3)


def test_cine_takes_the_rate_of_the_file(showing: Desk, qtbot: QtBot) -> None:
    QTest.keyClicks(showing.window, "C")
    assert showing.cine._timer.interval() == 40
    qtbot.waitUntil(lambda: showing.times.state.shown >= 3, timeout=20_000)
    QTest.keyClicks(showing.window, "C")
    assert not showing.cine.is_playing
