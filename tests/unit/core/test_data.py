"""Data is immutable, native, knows what its values mean, and travels between processes."""

from __future__ import annotations

import copy
import multiprocessing
from typing import Any

import numpy as np
import pytest

from medview.core.data.fingerprint import fingerprint
from medview.core.data.image2d import Image2D
from medview.core.data.intensity import Intensity, Window, default_window
from medview.core.data.series import Patient, Series, Study
from medview.core.data.source import SourceInfo, describe_series
from medview.core.data.stack import Stack
from medview.core.data.volume import Volume
from medview.core.errors import GeometryError
from medview.core.findings.base import Findings
from medview.core.findings.detections import Detection, Detections, Quantity
from medview.core.findings.grades import Grade, Grades
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import Code, Label, LabelMap
from medview.core.findings.measurements import Measurements
from medview.core.findings.provenance import ModelIdentity, Provenance
from medview.core.findings.tiles import TileScores
from medview.core.geometry.grid import Grid, same_grid
from medview.core.geometry.orient import AxisOrder
from medview.core.notice import Notice
from tests.unit.core.strategies import ORDERS

GRID = Grid((3, 4, 5), np.diag([2.0, 3.0, 4.0, 1.0]), "1.2.3")
VALUES = np.arange(60, dtype=np.int16).reshape(3, 4, 5)


def through_a_pipe(thing: Any) -> Any:
    """What another process would receive."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    with receiver, sender:
        sender.send(thing)
        return receiver.recv()


# ---- volumes -----------------------------------------------------------------------------


def test_voxels_of_a_volume_cannot_be_changed() -> None:
    volume = Volume(VALUES.copy(), GRID)
    with pytest.raises(ValueError, match="read-only"):
        volume.array[0, 0, 0] = 1


def test_a_fitting_array_is_taken_without_a_copy() -> None:
    array = VALUES.copy()
    assert np.shares_memory(Volume(array, GRID).array, array)
    assert array.flags.writeable  # the giver's own array is left as it was


@pytest.mark.parametrize("dtype", [">i2", "<i2", ">f4", "<u2"])
def test_foreign_byte_orders_become_native_with_the_same_values(dtype: str) -> None:
    volume = Volume(VALUES.astype(dtype), GRID)
    assert volume.array.dtype.isnative
    np.testing.assert_array_equal(volume.array, VALUES)


def test_a_strided_view_becomes_contiguous() -> None:
    volume = Volume(np.asfortranarray(VALUES), GRID)
    assert volume.array.flags.c_contiguous
    np.testing.assert_array_equal(volume.array, VALUES)


def test_an_array_of_another_shape_is_refused() -> None:
    with pytest.raises(GeometryError):
        Volume(VALUES.T, GRID)


def test_the_description_of_a_volume_speaks_of_its_own_grid() -> None:
    volume = Volume(VALUES, GRID, SourceInfo("volume", modality="CT"))
    assert volume.info.grid is volume.grid
    assert volume.info.shape == (3, 4, 5)
    assert volume.info.spacing_mm == pytest.approx((2, 3, 4))
    assert volume.info.modality == "CT"


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_a_reordered_volume_has_each_value_at_its_place(order: AxisOrder) -> None:
    volume = Volume(VALUES, GRID)
    moved = volume.reordered(order)
    assert moved.array.flags.c_contiguous
    for index in np.ndindex(*GRID.shape):
        at = np.round(moved.grid.to_index(GRID.to_lps(index))).astype(int)
        assert moved.array[tuple(at)] == VALUES[index]


def test_an_image_is_grey_or_rgb() -> None:
    assert not Image2D(np.zeros((4, 5))).is_rgb
    assert Image2D(np.zeros((4, 5, 3), np.uint8)).is_rgb
    for shape in [(4,), (4, 5, 4), (4, 5, 3, 1)]:
        with pytest.raises(GeometryError):
            Image2D(np.zeros(shape))


# ---- intensity ---------------------------------------------------------------------------


def test_a_window_has_its_limits_around_the_level() -> None:
    assert (Window(400, 40).low, Window(400, 40).high) == (-160, 240)


def test_hounsfield_starts_with_soft_tissue() -> None:
    assert default_window(VALUES, Intensity.HOUNSFIELD) == Window(400, 40)


def test_one_hot_pixel_does_not_turn_the_picture_black() -> None:
    array = np.random.default_rng(0).normal(100, 10, (20, 64, 64))
    array[3, 3, 3] = 1e9
    window = default_window(array, Intensity.ARBITRARY)
    assert 60 < window.low < 95
    assert 105 < window.high < 140


@pytest.mark.parametrize(
    "array",
    [np.zeros((4, 4)), np.full((4, 4), np.nan), np.full((4, 4), 7, np.uint8), np.zeros((0, 4))],
    ids=["zeros", "nan", "constant", "empty"],
)
def test_even_a_blank_picture_has_a_window_of_some_width(array: np.ndarray) -> None:
    window = default_window(array, Intensity.ARBITRARY)
    assert window.width > 0
    assert np.isfinite((window.low, window.high)).all()


def test_values_carry_their_unit() -> None:
    assert [i.unit for i in (Intensity.HOUNSFIELD, Intensity.SUV, Intensity.RGB)] == [
        "HU", "SUV", "",
    ]  # fmt: skip


# ---- identity ----------------------------------------------------------------------------


def test_the_fingerprint_is_the_one_of_this_very_content() -> None:
    # SHA-256 over "i2(3, 4, 5)", the rounded affine as float64, the frame and the values.
    import hashlib

    expected = hashlib.sha256(
        b"i2(3, 4, 5)" + np.diag([2.0, 3.0, 4.0, 1.0]).tobytes() + b"1.2.3" + VALUES.tobytes()
    ).hexdigest()
    assert fingerprint(VALUES, GRID) == expected


def test_the_fingerprint_ignores_what_does_not_change_the_data() -> None:
    tiny = np.array(GRID.index_to_lps)
    tiny[0, 3] = -1e-9
    assert fingerprint(VALUES, Grid(GRID.shape, tiny, "1.2.3")) == fingerprint(VALUES, GRID)
    assert fingerprint(np.asfortranarray(VALUES), GRID) == fingerprint(VALUES, GRID)


def test_the_fingerprint_tells_apart_what_differs() -> None:
    moved = np.array(GRID.index_to_lps)
    moved[0, 3] = 0.5
    changed = VALUES.copy()
    changed[2, 3, 4] += 1
    prints = {
        fingerprint(VALUES, GRID),
        fingerprint(changed, GRID),
        fingerprint(VALUES, Grid(GRID.shape, moved, "1.2.3")),
        fingerprint(VALUES, Grid(GRID.shape, GRID.index_to_lps, "9")),
        fingerprint(VALUES.astype(np.int32), GRID),
        fingerprint(VALUES.reshape(4, 3, 5)),
        fingerprint(VALUES),
    }
    assert len(prints) == 7


def test_the_fingerprint_of_many_slabs_is_that_of_the_whole() -> None:
    import hashlib

    large = np.random.default_rng(0).integers(0, 255, (40, 1024, 1024)).astype(np.uint8)
    expected = hashlib.sha256(f"u1{large.shape}".encode() + large.tobytes()).hexdigest()
    assert fingerprint(large) == expected


# ---- descriptions ------------------------------------------------------------------------


def test_a_series_is_described_without_its_patient() -> None:
    series = Series(
        "1.2#2",
        "volume",
        modality="CT",
        shape=(3, 4, 5),
        grid=GRID,
        attributes=(("body_part", "CHEST"), ("kernel", "B70f")),
        repairs=(Notice("a", "A."),),
        warnings=(Notice("lossy-compression", "B."),),
    )
    study = Study("1", patient=Patient(id="4711", name="Doe^John"), series=(series,))
    info = describe_series(series, study.uid, time=0)
    assert info.body_part == "CHEST"
    assert info.attribute("kernel") == "B70f"
    assert [m.code for m in info.marks] == ["a", "lossy-compression"]
    assert series.is_lossy
    assert "Doe" not in repr(info)
    assert "4711" not in repr(info)


def test_a_document_is_no_source_of_pixels() -> None:
    with pytest.raises(ValueError, match="document"):
        describe_series(Series("1", "document"), "1")


# ---- between processes -------------------------------------------------------------------


def test_a_grid_travels_and_stays_read_only() -> None:
    again = through_a_pipe(GRID)
    assert same_grid(again, GRID)
    np.testing.assert_array_equal(again.index_to_lps, GRID.index_to_lps)
    assert not again.index_to_lps.flags.writeable


def test_a_volume_travels_and_stays_read_only() -> None:
    volume = Volume(VALUES, GRID, SourceInfo("volume", modality="CT", frame_of_reference="1.2.3"))
    for again in (through_a_pipe(volume), copy.deepcopy(volume)):
        np.testing.assert_array_equal(again.array, VALUES)
        assert not again.array.flags.writeable
        assert again.info.grid is again.grid
        assert again.info.modality == "CT"


def test_images_and_stacks_travel_and_stay_read_only() -> None:
    image = through_a_pipe(Image2D(np.zeros((3, 4)), (0.5, 0.25)))
    assert image.spacing_mm == (0.5, 0.25)
    assert not image.array.flags.writeable
    stack = through_a_pipe(Stack((np.zeros((3, 4)),), (None,), ("first",)))
    assert stack.labels == ("first",)
    assert not stack.slices[0].flags.writeable


def test_findings_of_every_kind_travel() -> None:
    labels = (Label(1, "a", (1, 2, 3), Code("SCT", "1", "a")),)
    model = ModelIdentity("m", "1", "d", "medview.model.v1")
    findings = Findings(
        LabelMap("l", (VALUES % 2).astype(np.uint8), labels, GRID),
        Heatmap("h", VALUES.astype(np.float32), (0, 60), "p", GRID),
        Detections("d", (Detection("1", "x", 0.5, (1, 2, 3), (4, 5, 6), (Quantity("q", 1),)),)),
        Grades("g", (Grade("0", 0.4), Grade("1", 0.6)), "1"),
        TileScores(
            "t", np.zeros((1, 2), int), 5, 0, 0.5, np.ones(1), np.ones((1, 1)), ("s",)
        ),
        Measurements("m", (Quantity("v", 3.5, "ml"),)),
        provenance=Provenance(
            model, SourceInfo("volume", grid=GRID), "cpu", "float32", "2026", 1.0, "0", "research"
        ),
    )  # fmt: skip
    again = through_a_pipe(findings)
    assert [type(item) for item in again.items] == [type(item) for item in findings.items]
    label, heat, *rest = again.items
    original = findings.items[0]
    assert isinstance(label, LabelMap)
    assert isinstance(original, LabelMap)
    np.testing.assert_array_equal(label.array, original.array)
    assert not label.array.flags.writeable
    assert not heat.array.flags.writeable
    assert label.labels == labels
    assert [rest[0], rest[1], rest[3]] == [findings.items[n] for n in (2, 3, 5)]
    assert again.provenance.model == model
    # One grid stays one object: unknown frames are equal to nothing else.
    assert label.grid is again.provenance.source.grid
