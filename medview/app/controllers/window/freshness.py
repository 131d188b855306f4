"""`Freshness`: notices that the files of an open series have changed, when they are scanned again.

Without it a folder that was changed and opened again would show the old pixels under the new
description.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from medview.app.background import Background
from medview.app.controllers.window.notices import Notices
from medview.app.library import Library
from medview.core.data.series import Series
from medview.core.errors import MedviewError, UsageError
from medview.core.scene.scene import OpenSource, Scene


@dataclass(frozen=True, slots=True)
class _Files:
    """What an open source was read from, and the state that the files had."""

    paths: tuple[Path, ...]
    state: str


class Freshness:
    """Reads a changed series again; asks first where results lie on it.

    Parameters
    ----------
    background : Background
    library : Library
    scene : Scene
    notices : Notices
    show : callable
        Takes the UID of a series to read and show.
    """

    def __init__(
        self,
        background: Background,
        library: Library,
        scene: Scene,
        notices: Notices,
        show: Callable[[str], None],
    ) -> None:
        self._background = background
        self._library = library
        self._scene = scene
        self._notices = notices
        self._show = show
        self._known: dict[object, _Files] = {}
        scene.source_added.connect(self._note)
        scene.source_removed.connect(lambda source: self._known.pop(source.opening, None))
        library.finished.connect(self._check)

    def _note(self, source: OpenSource) -> None:
        from medview.io.scan import paths_of

        try:
            paths = tuple(paths_of(self._library.entry(source.id)))
        except MedviewError:
            return

        def known(state: str) -> None:
            if self._is_open(source):
                self._known[source.opening] = _Files(paths, state)

        self._background.start(
            "facts", lambda task: state_hash(paths), done=known, failed=lambda error: None
        )

    def _check(self) -> None:
        for source in self._scene.sources:
            files = self._known.get(source.opening)
            if files is not None and self._library.has(source.id):
                self._compare(source, files)

    def _compare(self, source: OpenSource, files: _Files) -> None:
        now = self._library.entry(source.id).series

        def done(state: str) -> None:
            if state != files.state or _differ(now, source.series):
                self._on_changed(source)

        self._background.start(
            "facts", lambda task: state_hash(files.paths), done=done, failed=lambda error: None
        )

    def _on_changed(self, source: OpenSource) -> None:
        if not self._is_open(source):
            return
        if not self._scene.layers_of(source.id):
            self._read_again(source)
            return
        self._notices.tell(
            "The files of this series have changed. It is still shown as it was, with its results.",
            action="Read again",
            on_action=lambda: self._read_again(source),
        )

    def _read_again(self, source: OpenSource) -> None:
        if not self._is_open(source):
            return
        active = self._scene.active
        is_shown = active is not None and active.id == source.id
        self._scene.remove_source(source.id)
        if is_shown:
            self._show(source.id)

    def _is_open(self, source: OpenSource) -> bool:
        now = self._scene.source(source.id)
        return now is not None and now.opening is source.opening


def state_hash(paths: Sequence[Path]) -> str:
    """A hash over path, size and time of files; empty if one of them is gone."""
    from medview.io.walk import state_of

    try:
        return hashlib.sha256(state_of(paths)).hexdigest()
    except (OSError, UsageError):
        return ""


def _differ(now: Series, then: Series) -> bool:
    def counts(series: Series) -> tuple[object, ...]:
        return series.kind, series.shape, series.times, series.files, series.frames

    return counts(now) != counts(then)
