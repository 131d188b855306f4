"""`SampleStudy`: writes the embedded study once, then opens it like any other folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from medview.app.background import Background, Task
from medview.app.controllers.sample import write_sample
from medview.app.controllers.window.activity import Activity
from medview.app.controllers.window.notices import Notices

_KEY = "sample"


class SampleStudy:
    """What "Open sample study" does.

    Parameters
    ----------
    folder : Path
        Where the study is kept; it can be made again at any time.
    background : Background
    activity : Activity
    notices : Notices
    open_folder : callable
    """

    def __init__(
        self,
        folder: Path,
        background: Background,
        activity: Activity,
        notices: Notices,
        open_folder: Callable[[Path], None],
    ) -> None:
        self._folder = folder
        self._background = background
        self._activity = activity
        self._notices = notices
        self._open_folder = open_folder
        self._task: Task[int] | None = None

    def open(self) -> None:
        """Open the sample study; makes it first where it is not there yet."""
        if self._folder.is_dir() and any(self._folder.iterdir()):
            self._open_folder(self._folder)
            return
        if self._task is not None and not self._task.is_cancelled:
            return
        task: Task[int] = self._background.start(
            "scan",
            lambda task: write_sample(self._folder, progress=task.progress),
            done=lambda _count: self._written(),
            failed=self._failed,
            on_progress=lambda fraction, stage: self._activity.update(_KEY, fraction, stage),
        )
        self._task = task
        self._activity.begin(_KEY, "Making the sample study", self._cancel)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._end()

    def _written(self) -> None:
        self._end()
        self._open_folder(self._folder)

    def _failed(self, error: Exception) -> None:
        self._end()
        self._notices.failed("Making the sample study", error)

    def _end(self) -> None:
        self._task = None
        self._activity.end(_KEY)
