"""Find out what lies at a path: studies, series, and what could not be used."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from medview.core.data.series import Series, Skipped, Study
from medview.core.errors import UsageError
from medview.core.progress import ProgressFn, ignore_progress
from medview.io.collect import Collector, Content
from medview.io.dicom.part import Part
from medview.io.file_image import FileImage
from medview.io.remembered import Remembered
from medview.io.walk import files_below


@dataclass(frozen=True, slots=True, eq=False)
class SeriesEntry:
    """One series, its study, and what `load` needs to read its pixels."""

    series: Series
    study: Study
    content: Content | Remembered


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """What a scan found; a value, detached from the files.

    Attributes
    ----------
    studies : tuple of Study
    skipped : tuple of Skipped
    entries : tuple of SeriesEntry
        In the order of `studies` and their series.
    """

    studies: tuple[Study, ...]
    skipped: tuple[Skipped, ...]
    entries: tuple[SeriesEntry, ...] = ()

    def entry(self, uid: str) -> SeriesEntry:
        """The series with this UID, or the only one whose UID without ``#n`` it is.

        Raises
        ------
        UsageError
            If there is none, or several parts.
        """
        for entry in self.entries:
            if entry.series.uid == uid:
                return entry
        parts = [e for e in self.entries if e.series.uid.rpartition("#")[0] == uid]
        if len(parts) == 1:
            return parts[0]
        if parts:
            names = ", ".join(e.series.uid for e in parts)
            raise UsageError(
                f"The series {uid} comes in parts; choose one of {names}.", code="ambiguous-series"
            )
        raise UsageError(f"There is no series {uid} here.", code="unknown-series")


class _Growing:
    """Tells of series while the scan goes on, now and then, and never the same twice."""

    def __init__(
        self, collector: Collector, on_series: Callable[[Study, Series], None] | None
    ) -> None:
        self._collector = collector
        self._on_series = on_series
        self._folder: Path | None = None
        self._told: dict[str, Series] = {}
        self._next = 0.0

    def entering(self, folder: Path) -> None:
        """Note the folder of the next file; leaving one is the time to tell."""
        if folder == self._folder or self._on_series is None:
            return
        left, self._folder = self._folder, folder
        start = time.monotonic()
        if left is None or start < self._next:
            return
        for study, series in self._collector.grown():
            self.final(study, series)
        # Series spread over many folders must not be put together again for each of them.
        self._next = time.monotonic() + 10 * (time.monotonic() - start)

    def final(self, study: Study, series: Series) -> None:
        """Tell of a series unless the same was told before."""
        if self._on_series is None:
            return
        known = self._told.get(series.uid)
        if known is not None and _is_same(known, series):
            return
        self._told[series.uid] = series
        self._on_series(study, series)


def _is_same(a: Series, b: Series) -> bool:
    return (a.kind, a.files, a.frames, a.shape) == (b.kind, b.files, b.frames, b.shape)


def files_of(found: Scan) -> dict[str, list[str]]:
    """By UID, the files to look at again to find a series as it was found.

    Parts of one DICOM series get their numbers together, so each names the files of all.
    """
    by_base: dict[str, dict[str, None]] = {}
    for entry in found.entries:
        names = by_base.setdefault(_base(entry.series.uid), {})
        names.update(dict.fromkeys(_paths(entry.content)))
    return {e.series.uid: list(by_base[_base(e.series.uid)]) for e in found.entries}


def paths_of(entry: SeriesEntry) -> list[Path]:
    """The files that hold a series, those beside the main one included."""
    content = entry.content
    beside = content.companions if isinstance(content, FileImage) else ()
    return [*map(Path, dict.fromkeys(_paths(content))), *beside]


def _base(uid: str) -> str:
    return uid.rpartition("#")[0] or uid


def _paths(content: Content | Remembered) -> list[str]:
    if isinstance(content, Remembered):
        return [str(p) for p in content.files]
    if isinstance(content, Part):
        return [str(i.header.source.path.absolute()) for i in content.instances]
    return [str(content.source.path.absolute())]


_LOOKING = "Looking at files"


def scan(
    paths: Sequence[Path],
    *,
    progress: ProgressFn = ignore_progress,
    on_series: Callable[[Study, Series], None] | None = None,
) -> Scan:
    """Look at every file at or below `paths`; nothing is written there.

    Parameters
    ----------
    paths : sequence of Path
        Files, folders, DICOMDIR files or zip archives.
    progress : callable
        Called with the share of files looked at; may raise `Cancelled`.
    on_series : callable, optional
        Called with series as folders are finished, and again when a later folder adds
        to one; a later call with an equal UID replaces the earlier one. What counts in
        the end is the `Scan`.

    Returns
    -------
    Scan

    Raises
    ------
    UsageError
        If a path does not exist.
    """
    done = 0.0

    def still_going() -> None:
        progress(done, _LOOKING)

    collector = Collector(still_going)
    files = list(files_below(paths))
    named = set(paths)
    growing = _Growing(collector, on_series)
    for number, path in enumerate(files):
        done = number / len(files)
        progress(done, _LOOKING)
        if isinstance(path, Skipped):
            collector.skip(path)
            continue
        growing.entering(path.parent)
        collector.add(path, follow=path in named)
    found = collector.finish()
    studies, entries = [], []
    for study, contents in found.studies:
        complete = replace(study, series=tuple(series for series, _ in contents))
        studies.append(complete)
        for series, content in contents:
            entries.append(SeriesEntry(series, complete, content))
            growing.final(complete, series)
    progress(1.0, _LOOKING)
    return Scan(tuple(studies), found.skipped, tuple(entries))
