"""`read_volume`: one volume from a file, folder or archive, for tests and training."""

from __future__ import annotations

from pathlib import Path

from medview.core.data.intensity import Intensity
from medview.core.data.volume import Volume
from medview.core.errors import InputError


def read_volume(
    path: Path, *, series_uid: str | None = None, intensity: Intensity | None = None
) -> Volume:
    """Read the only volume below `path`, or the one named.

    Parameters
    ----------
    path : Path
        DICOM folder or zip, NIfTI, NRRD or MHA.
    series_uid : str, optional
        Needed where `path` holds several volumes.
    intensity : Intensity, optional
        What the values mean, for formats that do not say so.

    Raises
    ------
    InputError
        If there is no volume, or more than one and none is named.
    """
    from medview.io.load import load
    from medview.io.scan import scan

    found = scan([path])
    series = [s for study in found.studies for s in study.series if s.kind == "volume"]
    if series_uid is not None:
        series = [s for s in series if s.uid == series_uid]
    if len(series) != 1:
        raise InputError(f"'{path.name}' holds {len(series)} volumes where one was expected.")
    volume = load(found.entry(series[0].uid), intensity=intensity)
    if not isinstance(volume, Volume):
        raise InputError(f"The series in '{path.name}' is no volume.")
    return volume
