"""Find out what lies at a path: studies, series, and what could not be used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from medview.core.data.series import Series, Skipped, Study
from medview.core.errors import UsageError
from medview.core.progress import ProgressFn, ignore_progress
from medview.io.collect import Collector, Content
from medview.io.walk import files_below


@dataclass(frozen=True, slots=True, eq=False)
class SeriesEntry:
    """One series, its study, and what `load` needs to read its pixels."""

    series: Series
    study: Study
    content: Content


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
        Called with each series once it is complete.

    Returns
    -------
    Scan

    Raises
    ------
    UsageError
        If a path does not exist.
    """
    collector = Collector()
    files = list(files_below(paths))
    named = set(paths)
    for number, path in enumerate(files):
        progress(number / len(files), "Looking at files")
        collector.add(path, follow=path in named)
    found = collector.finish()
    studies, entries = [], []
    for study, contents in found.studies:
        complete = replace(study, series=tuple(series for series, _ in contents))
        studies.append(complete)
        for series, content in contents:
            entries.append(SeriesEntry(series, complete, content))
            if on_series is not None:
                on_series(complete, series)
    progress(1.0, "Looking at files")
    return Scan(tuple(studies), found.skipped, tuple(entries))
