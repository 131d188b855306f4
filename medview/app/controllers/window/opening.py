"""`Opener`: scans folders and files in the background while the list of studies grows."""

from __future__ import annotations

import itertools
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from medview.app.background import Background, Task
from medview.app.controllers.window.activity import Activity
from medview.app.controllers.window.notices import Notices
from medview.app.library import Library, first_to_open
from medview.core.data.series import Series, Skipped, Study
from medview.core.errors import InputError

if TYPE_CHECKING:
    from medview.io.scan import Scan

_log = logging.getLogger(__name__)

_MOST_LISTED = 200
_EXPECTED = frozenset({"not-an-image", "directory"})


class Opener:
    """What opening, dropping and choosing a recent item all come down to.

    Parameters
    ----------
    background : Background
    library : Library
    activity : Activity
    notices : Notices
    show : callable
        Takes the UID of the series to show first.
    opened : callable
        Takes each path in which something was found, for the recent items.
    keep_out_of_log : callable
        Takes paths and studies, so that no log line can name them.
    index_folder : Path
        Where the index of scanned folders is kept.
    """

    def __init__(
        self,
        background: Background,
        library: Library,
        activity: Activity,
        notices: Notices,
        *,
        show: Callable[[str], None],
        opened: Callable[[Path], None],
        keep_out_of_log: Callable[[Sequence[Path], Sequence[Study]], None],
        index_folder: Path,
    ) -> None:
        self._background = background
        self._library = library
        self._activity = activity
        self._notices = notices
        self._show = show
        self._opened = opened
        self._keep_out_of_log = keep_out_of_log
        self._index_folder = index_folder
        self._numbers = itertools.count(1)

    def open(self, paths: Sequence[Path], *, remember: bool = True) -> None:
        """Scan `paths` (files, folders, DICOMDIR, zip) and show the first series found.

        Parameters
        ----------
        paths : sequence of Path
        remember : bool
            Add them to the recent items.
        """
        self._keep_out_of_log([path.absolute() for path in paths], ())
        there = [path for path in paths if path.exists()]
        if len(there) < len(paths):
            gone = next(path for path in paths if not path.exists())
            error = InputError(
                f"'{gone.name}' is not there. It may have been moved, renamed or be on a drive "
                "that is not connected.",
                code="path-missing",
            )
            self._notices.failed("Opening", error)
        if not there:
            return
        key = f"scan-{next(self._numbers)}"
        title = f"Opening {there[0].name or 'files'}"
        told: set[str] = set()

        def found(study: Study, series: Series) -> None:
            told.add(series.uid)
            self._library.add(study, series)

        def give_up() -> None:
            self._activity.end(key)
            self._library.withdraw(told)

        def failed(error: Exception) -> None:
            give_up()
            self._notices.failed("Opening", error)

        def cancel() -> None:
            task.cancel()
            give_up()

        def done(scan: Scan) -> None:
            self._activity.end(key)
            self._keep_out_of_log((), scan.studies)
            self._library.finish(scan, told)
            self._show_first(there, scan, remember)

        task: Task[Scan] = self._background.start(
            "scan",
            lambda task: _scan(there, task, found, self._index_folder),
            done=done,
            failed=failed,
            on_progress=lambda fraction, stage: self._activity.update(key, fraction, stage),
        )
        self._activity.begin(key, title, cancel)

    def _show_first(self, paths: Sequence[Path], scan: Scan, remember: bool) -> None:
        first = first_to_open(scan.studies)
        if not scan.studies:
            self._nothing_found(paths, scan.skipped)
            return
        for path in paths if remember else ():
            self._opened(path)
        if first is None:
            self._notices.tell("There are only documents here, and nothing to draw.")
            return
        self._show(first.uid)
        # Notes and tables beside the images are what a reader expects to be passed over.
        missed = [item for item in scan.skipped if item.code not in _EXPECTED]
        if missed:
            self._notices.with_report("What was left out", left_out(missed), listing(missed))

    def _nothing_found(self, paths: Sequence[Path], skipped: Sequence[Skipped]) -> None:
        name = paths[0].name or "this place"
        reason = skipped[0].message if len(skipped) == 1 else ""
        text = f"Nothing that medview can read was found in '{name}'. {reason}".rstrip()
        if skipped:
            self._notices.with_report("What was left out", text, listing(skipped))
        else:
            self._notices.tell(text)


def left_out(skipped: Sequence[Skipped]) -> str:
    """E.g. ``"3 files were left out: not an image (2), truncated (1)"``."""
    reasons = Counter(item.code.replace("-", " ") for item in skipped).most_common(3)
    words = ", ".join(f"{reason} ({count})" for reason, count in reasons)
    files = "1 file was" if len(skipped) == 1 else f"{len(skipped)} files were"
    return f"{files} left out: {words}."


def listing(skipped: Sequence[Skipped]) -> str:
    """File names with reasons, one a line; shown to the reader alone and never logged."""
    lines = [f"{Path(item.path).name}: {item.message}" for item in skipped[:_MOST_LISTED]]
    if len(skipped) > _MOST_LISTED:
        lines.append(f"and {len(skipped) - _MOST_LISTED} more")
    return "\n".join(lines)


def _scan(
    paths: Sequence[Path],
    task: Task[Scan],
    found: Callable[[Study, Series], None],
    index_folder: Path,
) -> Scan:
    # Imported on the worker: the window must be up before the readers are.
    from sqlalchemy.exc import SQLAlchemyError

    from medview.io.index import Index
    from medview.io.scan import scan

    last = 0.0

    def progress(fraction: float | None, text: str) -> None:
        nonlocal last
        now = time.monotonic()
        # Scans report every file; the status line needs twenty a second.
        if now - last > 0.05:
            last = now
            task.progress(fraction, text)
        elif task.is_cancelled:
            task.progress(fraction, text)

    def on_series(study: Study, series: Series) -> None:
        task.deliver(lambda: found(study, series))

    try:
        with closing(Index(index_folder)) as index:
            return index.scan(paths, progress=progress, on_series=on_series)
    except (OSError, SQLAlchemyError) as error:
        # A disk that is full or read-only must not keep anything from being opened.
        _log.warning("The index cannot be used: %s", type(error).__name__)
        return scan(paths, progress=progress, on_series=on_series)
