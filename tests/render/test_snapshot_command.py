"""`medview snapshot`: the right voxels at the right place of the picture, and no name unasked."""

from __future__ import annotations

import os

import numpy as np
import pydicom
import pytest
from PIL import Image

from medview.app.cli import main
from medview.app.cli.environment import Environment
from medview.app.controllers.models import open_catalogue
from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.testing.dicom_overlay import add_overlay
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from medview.testing.phantoms.moving import centre_at, write_moving_ball
from tests.fake_models import GOOD_RUN, fake_site

site = pytest.fixture(fake_site)

SIZE = 400


@pytest.fixture
def ct(tmp_path):
    """A 100 mm block of -900 HU with a cube of 200 HU in its left, posterior, superior part."""
    array = np.full((40, 40, 40), -900, np.int16)
    array[25:35, 25:35, 25:35] = 200
    grid = Grid(array.shape, compose((-50, -50, -50), np.eye(3)[:, ::-1], (2.5, 2.5, 2.5)), "1.2.9")
    volume = Volume(array, grid, SourceInfo("volume", "CT", Intensity.HOUNSFIELD))
    header = SeriesHeader(seed="cube", patient_name="Doe^Jane", patient_id="X-77")
    write_dicom_series(volume, tmp_path / "ct", header=header)
    return tmp_path / "ct"


@pytest.fixture
def medview(site):
    def call(*args):
        names = frozenset(d.metadata["Name"] for d in site.installed)
        catalogue = open_catalogue(os.environ, allow=names, installed=site.installed)
        return main([str(a) for a in args], Environment(os.environ, lambda: catalogue))

    return call


def picture(path):
    return np.asarray(Image.open(path)).astype(int)


def options(out):
    return ("-o", out, "--layout", "axial", "--size", f"{SIZE}x{SIZE}", "--window", "400/0")


def test_the_cube_is_drawn_on_the_left_and_behind(medview, ct, tmp_path):
    out = tmp_path / "shot.png"
    assert medview("snapshot", ct, *options(out), "--at", "0,-30,25") == 0
    frame = picture(out)
    assert frame.shape == (SIZE, SIZE, 3)
    # The cube spans 12.5 to 35 mm in x and y, and the whole slice, -51 to 49 mm, fills the view.
    inside, mirrored = frame[SIZE * 3 // 4, SIZE * 3 // 4], frame[SIZE * 3 // 4, SIZE // 4]
    assert inside.min() > 240
    assert mirrored.max() < 20


def test_at_takes_negative_places(medview, ct, tmp_path):
    out = tmp_path / "shot.png"
    assert medview("snapshot", ct, *options(out), "--at", "-10,-5,-30") == 0
    assert picture(out)[SIZE * 3 // 4, SIZE * 3 // 4].max() < 20


def test_findings_colour_their_voxels_and_no_others(medview, site, ct, tmp_path):
    site.add(GOOD_RUN)
    findings = tmp_path / "findings"
    assert medview("run", "bright", ct, "-o", findings) == 0
    plain, coloured = tmp_path / "plain.png", tmp_path / "coloured.png"
    medview("snapshot", ct, *options(plain), "--at", "0,-30,25")
    assert (
        medview("snapshot", ct, *options(coloured), "--at", "0,-30,25", "--findings", findings) == 0
    )
    place = (SIZE * 3 // 4, SIZE * 3 // 4)
    red, green, blue = picture(coloured)[place]
    assert red > green + 40
    assert red > blue + 40
    mirrored = (SIZE * 3 // 4, SIZE // 4)
    assert np.array_equal(picture(coloured)[mirrored], picture(plain)[mirrored])


def test_findings_of_another_series_are_refused(medview, site, ct, tmp_path, capsys):
    site.add(GOOD_RUN)
    other = Grid((6, 8, 8), np.eye(4), "1.2.55")
    write_dicom_series(
        np.ones((6, 8, 8), np.int16), tmp_path / "b", grid=other, header=SeriesHeader(seed="other")
    )
    findings, out = tmp_path / "findings", tmp_path / "shot.png"
    assert medview("run", "bright", tmp_path / "b", "-o", findings) == 0
    assert medview("snapshot", ct, *options(out), "--findings", findings) == 2
    assert "another series" in capsys.readouterr().err
    assert not out.exists()


def test_findings_of_a_file_without_a_frame_of_reference_are_drawn_on_it(
    medview, site, ct, tmp_path
):
    site.add(GOOD_RUN)
    file, findings = tmp_path / "ct.nii.gz", tmp_path / "findings"
    assert medview("convert", ct, file) == 0
    assert medview("run", "bright", file, "-o", findings) == 0
    out = tmp_path / "shot.png"
    assert medview("snapshot", file, *options(out), "--at", "0,-30,25", "--findings", findings) == 0
    red, green, _ = picture(out)[SIZE * 3 // 4, SIZE * 3 // 4]
    assert red > green + 40


def test_the_name_is_drawn_only_when_asked_for(medview, ct, tmp_path):
    plain, named = tmp_path / "plain.png", tmp_path / "named.png"
    assert medview("snapshot", ct, *options(plain)) == 0
    assert medview("snapshot", ct, *options(named), "--identifiers") == 0
    changed = np.argwhere((picture(plain) != picture(named)).any(axis=-1))
    assert len(changed) > 50
    assert changed[:, 0].max() < SIZE // 3
    assert b"Doe" not in plain.read_bytes()
    assert b"Doe" not in named.read_bytes()


def test_an_existing_picture_is_replaced_only_when_told(medview, ct, tmp_path, capsys):
    out = tmp_path / "shot.png"
    out.write_bytes(b"mine")
    assert medview("snapshot", ct, *options(out)) == 2
    assert out.read_bytes() == b"mine"
    assert medview("snapshot", ct, *options(out), "--overwrite") == 0


@pytest.mark.parametrize(
    "wrong",
    [
        ("--at", "900,0,0"),
        ("--at", "1,2"),
        ("--size", "10x10"),
        ("--window", "0/5"),
        ("--layout", "six-up"),
        ("--findings", "nowhere"),
    ],
)
def test_a_wrong_option_ends_with_2_and_writes_nothing(medview, ct, tmp_path, wrong):
    out = tmp_path / "shot.png"
    assert medview("snapshot", ct, "-o", out, *wrong) == 2
    assert not out.exists()


def test_a_snapshot_of_a_time_shows_that_time_and_names_it(medview, tmp_path):
    write_moving_ball(tmp_path / "moving", 3)
    times = (0, 2)
    for time in times:
        out = tmp_path / f"{time}.png"
        at = ",".join(f"{v:g}" for v in centre_at(time))
        asked = ("--time", str(time), "--at", at)
        assert medview("snapshot", tmp_path / "moving", *options(out), *asked) == 0
        # The grid's middle is in the middle of the picture, and 128 mm wide.
        frame, per_mm = picture(out), SIZE / 128
        for other in times:
            x, y = (round(SIZE / 2 + v * per_mm) for v in centre_at(other)[:2])
            near = frame[y + 12, x + 12].max()
            assert (near > 100) == (other == time), (time, other)
    corner = (slice(SIZE - 80, SIZE - 8), slice(SIZE - 90, SIZE - 8))
    assert (picture(tmp_path / "0.png")[corner] != picture(tmp_path / "2.png")[corner]).any()


def test_findings_of_another_time_are_refused(medview, site, tmp_path, capsys):
    site.add(GOOD_RUN)
    write_moving_ball(tmp_path / "moving", 3)
    source, findings = tmp_path / "moving", tmp_path / "findings"
    assert medview("run", "bright", source, "--time", "2", "-o", findings) == 0
    out = tmp_path / "shot.png"
    capsys.readouterr()
    assert medview("snapshot", source, *options(out), "--findings", findings) == 2
    assert "time point 2" in capsys.readouterr().err
    assert not out.exists()
    at = ",".join(f"{v:g}" for v in centre_at(2))
    drawn = ("--findings", findings, "--time", "2", "--at", at)
    assert medview("snapshot", source, *options(out), *drawn) == 0
    frame = picture(out)
    assert (frame[..., 0] > frame[..., 1] + 40).sum() > 200


def test_graphics_of_the_files_are_in_the_picture(medview, ct, tmp_path):
    mask = np.zeros((40, 40), bool)
    mask[4:12, 20:36] = True
    number = 30
    path = sorted(ct.iterdir())[number]
    add_overlay(path, mask)
    out = tmp_path / "shot.png"
    z = -50 + 2.5 * number
    assert medview("snapshot", ct, *options(out), "--at", f"0,-40,{z}") == 0
    frame = picture(out)
    # Row 8, column 28 of 40: the slice fills the view.
    blue = frame[round(8.5 * SIZE / 40), round(28.5 * SIZE / 40)]
    np.testing.assert_allclose(blue, (86, 180, 233), atol=3)
    assert medview("snapshot", ct, *options(tmp_path / "b.png"), "--at", f"0,-40,{z - 2.5}") == 0
    assert picture(tmp_path / "b.png")[68:90, 210:350].max() < 60


def test_a_damaged_overlay_is_marked_in_the_picture(medview, ct, tmp_path):
    path = sorted(ct.iterdir())[30]
    add_overlay(path, np.ones((40, 40), bool))
    dataset = pydicom.dcmread(path)
    dataset[0x60003000].value = b"\1\0"
    dataset.save_as(path)
    out = tmp_path / "shot.png"
    assert medview("snapshot", ct, *options(out), "--at", "0,0,0") == 0
    amber = (picture(out) == (240, 176, 48)).all(axis=2)
    assert amber.sum() > 500
