"""The embedded sample study: a generated chest CT with six nodules, as a DICOM folder."""

from __future__ import annotations

from pathlib import Path

from medview.core.progress import ProgressFn, ignore_progress
from medview.testing.dicom_writer import SeriesHeader, write_dicom_series
from medview.testing.phantoms import ThoraxPhantom, thorax, thorax_grid

_SEED = 7

SAMPLE_HEADER = SeriesHeader(
    seed="medview-sample-thorax-1",
    patient_name="Sample^Thorax",
    patient_id="SAMPLE-0001",
    study_description="Sample study (generated, no person)",
    series_description="Thorax 2.0 mm, generated",
)


def sample_phantom() -> ThoraxPhantom:
    """The sample study with its truth; 160 x 256 x 256 voxels of 2.0 x 1.45 x 1.45 mm."""
    grid = thorax_grid((2.0, 1.45, 1.45), field_of_view_mm=(320.0, 371.2, 371.2))
    return thorax(grid, seed=_SEED, noise_hu=11.0, kernel="standard")


def write_sample_study(folder: Path, *, progress: ProgressFn = ignore_progress) -> tuple[Path, ...]:
    """Write the sample study into `folder`, one file per slice.

    Equal calls write equal files. The patient is named ``Sample^Thorax`` and
    the descriptions say that the study is generated.
    """
    progress(0.0, "Generating the sample study")
    phantom = sample_phantom()
    progress(0.6, "Writing the sample study")
    paths = write_dicom_series(phantom.volume, folder, header=SAMPLE_HEADER)
    progress(1.0, "Sample study written")
    return paths
