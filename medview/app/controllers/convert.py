"""Write one series as a NIfTI, NRRD or MHA file, with its true geometry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medview.app.controllers.open_source import load_source
from medview.app.controllers.output import require_free_file
from medview.core.data.intensity import Intensity
from medview.core.data.volume import Volume
from medview.core.errors import InputError, UnfitError, UsageError
from medview.core.progress import ProgressFn, ignore_progress

if TYPE_CHECKING:
    from medview.io.scan import SeriesEntry

FORMATS = (".nii", ".nii.gz", ".nrrd", ".mha")


def require_format(path: Path, *, overwrite: bool = False, sources: tuple[Path, ...] = ()) -> None:
    """Raise `UsageError` unless a volume can be written at `path`, which is none of `sources`."""
    if not path.name.lower().endswith(FORMATS):
        raise UsageError(
            f"'{path.name}' does not end in one of {', '.join(FORMATS)}.", code="unknown-format"
        )
    require_free_file(path, overwrite=overwrite, sources=sources)


def convert_series(
    entry: SeriesEntry,
    path: Path,
    *,
    time: int = 0,
    intensity: Intensity | None = None,
    overwrite: bool = False,
    progress: ProgressFn = ignore_progress,
) -> Volume:
    """Load a series and write it; returns what was written.

    Raises
    ------
    UnfitError
        For a stack, which has no trustworthy geometry.
    GeometryError
        For a volume whose axes no such file can state.
    InputError
        For an image or a slide.
    UsageError
        If the format is unknown or the place is taken.
    """
    from medview.io.itk import write_volume

    require_format(path, overwrite=overwrite)
    series = entry.series
    if series.kind == "stack":
        why = " ".join(notice.message for notice in series.warnings)
        raise UnfitError(
            f"This series is a stack of slices, not a trustworthy volume. {why}".strip(),
            code="stack",
        )
    if series.kind != "volume":
        raise InputError(f"This series is no volume but of kind '{series.kind}'.")
    volume = load_source(entry, time=time, intensity=intensity, progress=progress)
    if not isinstance(volume, Volume):
        raise InputError("This series gave no volume.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_volume(path, volume)
    except (OSError, InputError) as error:
        raise UsageError(f"'{path.name}' cannot be written there.", code="not-writable") from error
    return volume
