"""Presets are bound by name and value; captions show identifiers only where asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from medview.core.data.intensity import Intensity, Window
from medview.core.data.series import Patient, Series, Study
from medview.core.errors import UsageError
from medview.core.findings.detections import Review
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.core.notice import Notice
from medview.core.scene.viewport import SliceState
from medview.render.caption import Mark, caption_for, marks_of, place_lines, window_lines
from medview.render.luts import detection_colour, heat_table
from medview.render.presets import volume_preset, volume_presets, window_presets
from tests.render.scenes import CANONICAL

CT_WINDOWS = {
    "Lung": (1500, -600),
    "Mediastinum": (350, 50),
    "Soft tissue": (400, 40),
    "Abdomen": (350, 40),
    "Liver": (150, 90),
    "Bone": (2000, 350),
    "Brain": (80, 40),
}
PERSON = Patient(id="P-77", name="Doe^Jane", birth_date="19710203", sex="F")
STUDY = Study(uid="1.2", date="20260103", patient=PERSON)
SERIES = Series(
    uid="1.2.3",
    kind="volume",
    modality="CT",
    number=2,
    description="Lung",
    repairs=(Notice("gantry-tilt-corrected", "x"),),
    warnings=(Notice("lossy-compression", "x"),),
)


def test_every_ct_window_has_its_name_width_and_level() -> None:
    presets = {p.name: (p.window.width, p.window.level) for p in window_presets("CT")}
    assert presets == CT_WINDOWS


def test_windows_in_hounsfield_units_are_not_offered_for_other_values() -> None:
    assert window_presets("MR") == ()
    assert window_presets("CT", Intensity.ARBITRARY) == ()


def test_volume_presets_ascend_and_stay_within_bounds() -> None:
    for preset in volume_presets():
        for table in (preset.opacity, preset.colour, preset.gradient_opacity):
            places = [row[0] for row in table]
            assert places == sorted(set(places))
        assert all(0 <= height <= 1 for _, height in preset.opacity)


def test_a_ct_preset_on_an_mr_falls_back_to_one_that_suits() -> None:
    assert volume_preset("CT bone", Intensity.ARBITRARY).intensity == "any"
    assert volume_preset("CT bone", Intensity.HOUNSFIELD).name == "CT bone"
    assert {"CT bone", "CT lung"} <= {p.name for p in volume_presets(Intensity.HOUNSFIELD)}
    with pytest.raises(UsageError, match="CT bone"):
        volume_preset("CT bones", Intensity.HOUNSFIELD)


def test_heatmap_colours_grow_lighter_all_the_way() -> None:
    for name in (None, "ember", "glacier"):
        lightness = heat_table(name)[:, :3] @ np.array([0.2126, 0.7152, 0.0722])
        assert (np.diff(lightness) >= -0.51).all()
        assert lightness[-1] - lightness[0] > 150
    with pytest.raises(UsageError):
        heat_table("jet")


@pytest.mark.parametrize("review", ["open", "accepted", "rejected", "edited"])
def test_every_state_of_review_has_a_colour(review: Review) -> None:
    assert all(0 <= channel <= 255 for channel in detection_colour(review))


def test_a_caption_names_the_person_only_when_asked() -> None:
    silent = caption_for(SERIES, STUDY)
    words = " ".join(silent.top_left + silent.top_right + silent.bottom_left + silent.bottom_right)
    assert not any(secret in words for secret in ("Doe", "P-77", "1971", "2026"))
    assert silent.bottom_left == ("CT 2 Lung",)
    assert "Doe^Jane" in caption_for(SERIES, STUDY, identifiers=True).top_left


def test_repaired_lossy_and_untrusted_series_carry_their_marks() -> None:
    assert marks_of(SERIES) == (
        Mark("Geometry repaired", "amber"),
        Mark("Lossy compression", "amber"),
    )
    assert marks_of(Series(uid="1", kind="stack"))[0].tone == "red"
    assert marks_of(Series(uid="1", kind="volume")) == ()


def test_corners_tell_window_slice_and_position() -> None:
    grid = Grid((30, 40, 50), compose((0, 0, -98.5), CANONICAL, (4, 1, 1)), None)
    state = SliceState(focus_lps_mm=(3.0, 4.0, -18.5), window=Window(1500.0, -600.0))
    assert window_lines(state) == ("W 1500", "L -600")
    # Slice 20 from the feet is the tenth from the head, where reading starts.
    assert place_lines(grid, state) == ("im 10/30", "z -18.5 mm")
    slab = SliceState(focus_lps_mm=(3.0, 4.0, -18.5), slab_mode="max", slab_mm=10.0)
    assert place_lines(grid, slab)[0] == "MIP 10 mm"


def test_the_time_point_is_told_only_where_there_are_several() -> None:
    assert caption_for(SERIES, time=0).bottom_right == ()
    assert caption_for(replace(SERIES, times=20), time=1).bottom_right == ("t 2/20",)
