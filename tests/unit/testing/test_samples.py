"""What the kit tries a model on is a series that the model's own card takes without doubt."""

from __future__ import annotations

import numpy as np
import pytest

from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.geometry.orient import Orientation, orientation_of
from medview.host.card import InputSpec
from medview.host.fit import host_verdict
from medview.testing.conformance.samples import as_asked, base_grid, other_sampling
from medview.testing.conformance.turning import turned_about_two_axes

SPECS = [
    InputSpec("volume"),
    InputSpec("volume", min_slices=64, max_spacing_mm=2.0),
    InputSpec("volume", min_coverage_mm=500.0),
    InputSpec("volume", max_spacing_mm=1.0, refuse_coverage_mm=301.0),
    InputSpec("volume", planes=("coronal",), min_slices=50),
    InputSpec("volume", planes=("sagittal", "coronal"), min_coverage_mm=322.0),
    InputSpec("volume", planes=("oblique",)),
    InputSpec("volume", ("MR",), Intensity.ARBITRARY, body_parts=("HEAD",), planes=("sagittal",)),
]


@pytest.mark.parametrize("spec", SPECS)
def test_every_sampling_of_the_sample_is_one_that_the_card_takes(spec: InputSpec) -> None:
    info = as_asked(SourceInfo("volume", "CT", Intensity.HOUNSFIELD), spec)
    grid = base_grid(spec)
    assert host_verdict(spec, info.on_grid(grid)).reasons == ()
    for other in (other_sampling(grid), turned_about_two_axes(grid)):
        assert host_verdict(spec, info.on_grid(other)).fit != "unfit"


@pytest.mark.parametrize("spec", SPECS)
def test_a_sample_stays_small_enough_to_be_tried_in_seconds(spec: InputSpec) -> None:
    assert np.prod(base_grid(spec).shape) < 5_000_000


@pytest.mark.parametrize(
    ("planes", "plane"),
    [
        ((), "axial"),
        (("coronal", "axial"), "axial"),
        (("sagittal", "coronal"), "sagittal"),
        (("oblique",), "oblique"),
    ],
)
def test_a_sample_lies_in_the_first_plane_that_the_card_names_unless_axial_will_do(
    planes: tuple[Orientation, ...], plane: Orientation
) -> None:
    assert orientation_of(base_grid(InputSpec("volume", planes=planes))) == plane
