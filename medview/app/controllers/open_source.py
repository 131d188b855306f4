"""Scan what was named, choose one series of it, and load that: for the window and the commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from medview.app.controllers.named import require_there
from medview.core.data.intensity import Intensity
from medview.core.data.series import Series
from medview.core.data.source import SourceInfo, describe_series
from medview.core.errors import InputError, UnfitError, UsageError
from medview.core.progress import ProgressFn, ignore_progress
from medview.host.fit import judged
from medview.host.handle import ModelHandle
from medview.host.verdict import Verdict

if TYPE_CHECKING:
    from medview.core.data.image2d import Image2D
    from medview.core.data.slide import Slide
    from medview.core.data.stack import Stack
    from medview.core.data.volume import Volume
    from medview.io.scan import Scan, SeriesEntry


def scan_paths(paths: Sequence[Path], *, progress: ProgressFn = ignore_progress) -> Scan:
    """Find what is at `paths`.

    Raises
    ------
    UsageError
        If one of them does not exist.
    """
    from medview.io.scan import scan

    for path in paths:
        require_there(path)
    return scan(paths, progress=progress)


def require_readable(found: Scan) -> None:
    """Raise `InputError` with the first reasons if a scan found nothing to open."""
    if any(study.series for study in found.studies):
        return
    reasons = list(dict.fromkeys(item.message for item in found.skipped))
    told = " ".join(reasons[:3]) or "It is empty."
    raise InputError(
        f"There is nothing here that medview can read. {told}", code="nothing-readable"
    )


def choose_image_series(found: Scan, uid: str | None = None) -> SeriesEntry:
    """The series of that UID, or the only one that holds an image.

    Raises
    ------
    InputError
        If there is none.
    UsageError
        If there are several and none was named, or `uid` is unknown.
    """
    require_readable(found)
    if uid is not None:
        return found.entry(uid)
    candidates = [series for series in _all_series(found) if series.kind != "document"]
    if not candidates:
        raise InputError("There are only documents here, and no image.", code="nothing-readable")
    return found.entry(_only(candidates).uid)


def choose_for_model(
    found: Scan,
    handle: ModelHandle,
    uid: str | None = None,
    *,
    time: int = 0,
    intensity: Intensity | None = None,
) -> tuple[SeriesEntry, Verdict]:
    """The series to run a model on, and what speaks for and against it.

    Without `uid` the only series that fits, else the only doubtful one.

    Raises
    ------
    InputError
        If nothing was read.
    UnfitError
        If no series, or not the named one, may be run; if the model cannot be used.
    ModelError
        If the model is broken, or cannot judge.
    UsageError
        If several fit, or `uid` or `time` does not exist.
    """
    require_readable(found)
    title = handle.loaded().card.title

    def judge(entry: SeriesEntry) -> Verdict:
        if entry.series.kind == "document":
            return Verdict.unfit("This is a document, without an image.")
        return judged(handle, describe_entry(entry, time=time, intensity=intensity))

    if uid is not None:
        entry = found.entry(uid)
        answer = judge(entry)
        if answer.fit == "unfit":
            raise UnfitError(f"{title} does not fit. {' '.join(answer.reasons)}")
        return entry, answer
    entries = [found.entry(series.uid) for series in _all_series(found)]
    longest = max(entry.series.times for entry in entries)
    # Of a series that ends before the time point nothing can be run; of all, the longest says so.
    verdicts = [(e, judge(e)) for e in entries if e.series.times > min(time, longest - 1)]
    for fit in ("fit", "doubtful"):
        fitting = [pair for pair in verdicts if pair[1].fit == fit]
        if fitting:
            chosen = _only([entry.series for entry, _ in fitting])
            return next(pair for pair in fitting if pair[0].series is chosen)
    reasons = [v.reasons for e, v in verdicts if e.series.kind != "document"] or [("No image.",)]
    told = " ".join(dict.fromkeys(text for each in reasons for text in each))
    raise UnfitError(f"{title} fits no series here. {told}")


def describe_entry(
    entry: SeriesEntry, *, time: int = 0, intensity: Intensity | None = None
) -> SourceInfo:
    """The pixel-free description of a series, with the meaning of values that the user states.

    Raises
    ------
    UsageError
        If the series has no such time point.
    """
    series = entry.series
    if not 0 <= time < series.times:
        raise UsageError(
            f"There is no time point {time}; this series has {series.times}, counted from 0."
        )
    info = describe_series(series, entry.study.uid, time)
    return info if intensity is None else replace(info, intensity=intensity)


def load_source(
    entry: SeriesEntry,
    *,
    time: int = 0,
    intensity: Intensity | None = None,
    progress: ProgressFn = ignore_progress,
) -> Volume | Image2D | Stack | Slide:
    """Read the pixels of one series; raises as `medview.io.load.load` does."""
    from medview.io.load import load

    return load(entry, time=time, intensity=intensity, progress=progress)


def _all_series(found: Scan) -> list[Series]:
    return [series for study in found.studies for series in study.series]


def _only(candidates: Sequence[Series], tell: Callable[[Series], str] | None = None) -> Series:
    if len(candidates) == 1:
        return candidates[0]
    listing = "\n".join(f"  {(tell or _in_words)(series)}" for series in candidates)
    raise UsageError(
        f"There are {len(candidates)} series to choose from; name one with --series:\n{listing}",
        code="several-series",
    )


def _in_words(series: Series) -> str:
    size = " x ".join(str(n) for n in series.shape) if series.shape else ""
    parts = (series.modality or "", series.kind, series.description, size)
    return f"{series.uid}  {', '.join(part for part in parts if part)}"
