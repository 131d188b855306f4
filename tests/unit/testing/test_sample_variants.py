"""What the kit makes of a sample, of threads, and of the kernel's numbers, is right."""

from __future__ import annotations

import os
import sys

import numpy as np
import pytest

from medview.core.data.image2d import Image2D
from medview.core.data.volume import Volume
from medview.core.findings.base import Findings
from medview.core.findings.detections import Detection, Detections
from medview.core.findings.labelmap import LabelMap
from medview.core.geometry.grid import Grid
from medview.core.geometry.orient import canonical_order
from medview.host.card import InputSpec
from medview.testing.conformance.moved import MovedSlide, moved
from medview.testing.conformance.samples import base_grid, turned
from medview.testing.conformance.slides import generated_slide
from medview.testing.conformance.threads import limited_threads
from medview.testing.conformance.turning import brought_back, turned_about_two_axes, with_room
from medview.testing.traffic import reached

GRID = base_grid(InputSpec("volume"))
GRIDS = [
    GRID,
    turned(GRID, 40.0, axis=0),
    base_grid(InputSpec("volume", planes=("sagittal",))),
    base_grid(InputSpec("volume", planes=("coronal",))),
]


@pytest.mark.parametrize("grid", GRIDS)
def test_every_axis_is_turned_and_stays_the_nearest_to_its_own_direction(grid):
    made = turned_about_two_axes(grid)
    assert canonical_order(made) == canonical_order(grid)
    cosines = np.sum(made.directions * grid.directions, axis=0)
    assert (np.degrees(np.arccos(cosines)) > 25).all()
    assert made.centre_lps_mm == pytest.approx(grid.centre_lps_mm)


def test_what_was_found_at_a_voxel_of_a_turned_body_is_brought_back_to_that_voxel():
    made = turned_about_two_axes(GRID)
    centre = tuple(map(float, made.to_lps((3, 5, 7))))
    mask = LabelMap("m", np.zeros(GRID.shape, np.uint8), (), made)
    things = Detections("d", (Detection("1", "a", 0.5, centre, (1.0, 1.0, 1.0)),))
    back = brought_back(Findings(mask, things), made, GRID)
    labels, found = back.items
    assert isinstance(labels, LabelMap)
    assert isinstance(found, Detections)
    assert labels.grid is not None
    assert labels.grid.index_to_lps == pytest.approx(GRID.index_to_lps)
    assert found.items[0].centre == pytest.approx(GRID.to_lps((3, 5, 7)))


def test_room_is_added_on_the_same_samples_and_leaves_the_middle_beside_the_middle():
    wide = with_room(GRID)
    index = wide.to_index(GRID.to_lps((0, 0, 0)))
    assert index == pytest.approx(np.round(index))
    assert wide.contains(GRID.bounds_lps_mm()).all()
    distance = np.subtract(wide.centre_lps_mm, GRID.centre_lps_mm)
    assert (np.abs(distance) > 30).all()


def test_a_volume_is_moved_by_an_eighth_and_has_another_identity():
    array = np.arange(16 * 16 * 8, dtype=np.int16).reshape(16, 16, 8)
    volume = Volume(array, Grid(array.shape, np.eye(4)))
    other = moved(volume)
    assert isinstance(other, Volume)
    assert (other.array[2:, 2:, 1:] == array[:14, :14, :7]).all()
    assert (other.array[:2] == array.min()).all()
    assert other.info.series_uid != volume.info.series_uid


def test_a_picture_and_a_slide_are_moved_alike():
    pixels = np.random.default_rng(1).integers(0, 255, (16, 24, 3), np.uint8)
    picture = moved(Image2D(pixels))
    assert isinstance(picture, Image2D)
    assert (picture.array[2:, 3:] == pixels[:14, :21]).all()
    slide = generated_slide(InputSpec("slide"))
    other = moved(slide)
    assert isinstance(other, MovedSlide)
    size = slide.levels[1]
    there = slide.read_region(1, 0, 0, size.width, size.height)
    here = other.read_region(1, size.width // 8, size.height // 8, size.width, size.height)
    assert (here == there).all()
    assert (other.read_region(1, 0, 0, 50, 40) == 255).all()


def test_packets_and_connections_are_counted_as_the_kernel_writes_them(tmp_path):
    (tmp_path / "snmp").write_text(
        "Ip: Forwarding OutRequests OutNoRoutes\nIp: 2 3 4\nTcp: MaxConn ActiveOpens\nTcp: -1 5\n"
    )
    assert reached(tmp_path) == 12
    (tmp_path / "snmp6").write_text("Ip6InReceives    \t9\nIp6OutNoRoutes  \t6\n")
    assert reached(tmp_path) == 18
    assert reached(tmp_path / "absent") == 0


@pytest.mark.parametrize(("before", "within"), [("64", "2"), ("1", "1")])
def test_a_first_run_has_no_more_threads_than_a_later_one(monkeypatch, before, within):
    monkeypatch.setenv("OMP_NUM_THREADS", before)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    with limited_threads(2):
        assert os.environ["OMP_NUM_THREADS"] == within
    assert os.environ["OMP_NUM_THREADS"] == before
