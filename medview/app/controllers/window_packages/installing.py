"""`Installing`: installs what was agreed to, in the background, with progress and cancel."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

from medview.app.background import Background, Task
from medview.app.controllers.models import open_isolation
from medview.app.controllers.packages.install import install_package
from medview.app.controllers.window.activity import Activity
from medview.app.controllers.window.notices import Notices
from medview.app.controllers.window_packages.failure import report_of_failure
from medview.app.controllers.window_packages.looking import Look
from medview.app.controllers.window_packages.news import only_news
from medview.app.controllers.window_packages.shelf import Shelf
from medview.config.paths import Folders
from medview.core.progress import Cancelled, CancelToken
from medview.host.packages.installer import Prepared
from medview.host.packages.records import Generation
from medview.view.panels.models import ModelsPanel


@dataclass(eq=False)
class _Installation:
    """One that goes on."""

    key: str
    title: str
    token: CancelToken


class Installing:
    """One installation at a time, shown in the panel and in the status line.

    Parameters
    ----------
    panel : ModelsPanel
    shelf : Shelf
    folders : Folders
    background : Background
    activity : Activity
    notices : Notices
    changed : callable
        Told when a package was installed.
    """

    def __init__(
        self,
        panel: ModelsPanel,
        shelf: Shelf,
        folders: Folders,
        background: Background,
        activity: Activity,
        notices: Notices,
        *,
        changed: Callable[[], None],
    ) -> None:
        self._panel = panel
        self._shelf = shelf
        self._folders = folders
        self._background = background
        self._activity = activity
        self._notices = notices
        self._changed = changed
        self._numbers = itertools.count(1)
        self._going_on: _Installation | None = None
        panel.install_cancel_requested.connect(self.cancel)

    @property
    def title(self) -> str:
        """What goes on, in words; empty while nothing does."""
        return self._going_on.title if self._going_on is not None else ""

    def cancel(self) -> None:
        """Cancel the installation that goes on."""
        if self._going_on is not None:
            self._activity.cancel(self._going_on.key)

    def install(self, look: Look, chosen: Prepared, title: str) -> None:
        """Install a package that was agreed to."""
        going = _Installation(
            f"install-{next(self._numbers)}", f"Installing {title}", CancelToken()
        )
        self._going_on = going

        def cancel() -> None:
            going.token.cancel()
            self._panel.set_install_cancelling()

        def on_progress(fraction: float | None, stage: str) -> None:
            if going is self._going_on and not going.token.is_cancelled:
                self._activity.update(going.key, fraction, stage)
                self._panel.set_install_progress(fraction, stage)

        self._activity.begin(going.key, going.title, cancel)
        self._panel.set_installing(going.title)
        self._background.start(
            "packages",
            lambda task: self._work(look, chosen, going.token, task),
            done=lambda generation: self._on_installed(going, generation),
            failed=lambda error: self._on_failed(going, error),
            on_progress=on_progress,
        )

    def _work(
        self,
        look: Look,
        chosen: Prepared,
        token: CancelToken,
        task: Task[Generation | None],
    ) -> Generation | None:
        tell = only_news(task.progress)

        def progress(fraction: float | None, stage: str) -> None:
            token.check()
            tell(fraction, stage)

        isolation = open_isolation(self._folders)
        try:
            generation = install_package(chosen, self._shelf.store, isolation, progress)
        except Cancelled:
            if task.is_cancelled:
                raise
            return None
        finally:
            isolation.close()
            look.close()
        self._shelf.read()
        return generation

    def _on_installed(self, going: _Installation, generation: Generation | None) -> None:
        self._end(going)
        if generation is None:
            self._notices.tell(f"{going.title} was cancelled. Nothing was installed.")
            return
        how = "with a complete set of its own" if generation.complete else "in its own folder"
        self._notices.done(f"Installed {generation.distribution} {generation.version} {how}.")
        self._changed()

    def _on_failed(self, going: _Installation, error: Exception) -> None:
        self._end(going)
        self._notices.failed(going.title, report_of_failure(error))

    def _end(self, going: _Installation) -> None:
        self._activity.end(going.key)
        self._going_on = None
        self._panel.set_installing("")
