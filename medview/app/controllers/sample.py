"""Write the embedded sample study, a generated thorax, as a DICOM folder."""

from __future__ import annotations

from pathlib import Path

from medview.app.controllers.output import new_folder
from medview.core.progress import ProgressFn, ignore_progress


def write_sample(folder: Path, *, progress: ProgressFn = ignore_progress) -> int:
    """Write the sample study whole or not at all, and return the number of files.

    Raises
    ------
    UsageError
        If `folder` is there and not empty, or cannot be written.
    """
    from medview.testing.sample import write_sample_study

    with new_folder(folder) as made:
        return len(write_sample_study(made, progress=progress))
