"""`WindowPackages`: all that installs and looks after packages in one window, joined together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from medview.app.background import Background
from medview.app.controllers.last_failures import LastFailures
from medview.app.controllers.models import LiveCatalogue
from medview.app.controllers.window.activity import Activity
from medview.app.controllers.window.models import ModelsDisplay
from medview.app.controllers.window.notices import Notices
from medview.app.controllers.window.preferences import Preferences
from medview.app.controllers.window.runs import Runs
from medview.app.controllers.window_packages.acts import PackageActs
from medview.app.controllers.window_packages.dropping import Dropping
from medview.app.controllers.window_packages.examining import Examining
from medview.app.controllers.window_packages.installing import Installing
from medview.app.controllers.window_packages.noticing import Noticing
from medview.app.controllers.window_packages.offering import Offering
from medview.app.controllers.window_packages.shelf import Shelf
from medview.app.controllers.window_packages.stored_titles import stored_title
from medview.config.paths import Folders
from medview.host.packages.store import PackageStore
from medview.view.main_window import MainWindow


class WindowPackages:
    """Makes the parts and joins them to the models panel.

    Parameters
    ----------
    window : MainWindow
    shelf : Shelf
    models : ModelsDisplay
        Shown anew after every change.
    folders, background, activity, notices, preferences, runs, failures
        As the parts take them.
    open_images : callable
        Takes what was dropped and is no package.
    keep_out_of_log : callable
        Takes paths that no log line may name.
    """

    def __init__(
        self,
        window: MainWindow,
        shelf: Shelf,
        models: ModelsDisplay,
        *,
        folders: Folders,
        background: Background,
        activity: Activity,
        notices: Notices,
        preferences: Preferences,
        runs: Runs,
        failures: LastFailures,
        open_images: Callable[[Sequence[Path]], None],
        keep_out_of_log: Callable[[Sequence[Path]], None],
    ) -> None:
        panel = window.models
        self._runs = runs
        self.installing = Installing(
            panel, shelf, folders, background, activity, notices, changed=models.reload
        )
        self.offering = Offering(
            window,
            shelf,
            background,
            activity,
            notices,
            agreed=self.installing.install,
            busy_with=lambda: self.installing.title,
            keep_out_of_log=keep_out_of_log,
        )
        self.examining = Examining(
            window, shelf, folders, background, failures, changed=models.reload
        )
        self.acts = PackageActs(
            shelf,
            self.offering,
            preferences,
            background,
            notices,
            failures,
            changed=models.reload,
            is_busy=runs.is_busy,
            examine=self.examining.open,
        )
        self.noticing = Noticing(
            shelf, background, changed=models.reload, is_busy=lambda: bool(self.installing.title)
        )
        runs.changed.connect(self.noticing.look)
        self.offering.on_look = self.noticing.look
        self.dropping = Dropping(background, self.offering.look, open_images)
        panel.install_requested.connect(self.offering.ask)
        panel.doctor_requested.connect(self.examining.open)
        panel.paths_dropped.connect(self.dropping.on_panel)
        window.paths_dropped.connect(self.dropping.on_window)
        panel.package_act_requested.connect(
            lambda act, row_id: self.acts.do(act, models.handle_of(row_id))
        )
        panel.network_chosen.connect(
            lambda row_id, allowed: self.acts.set_network(models.handle_of(row_id), allowed)
        )

    def close(self) -> None:
        """Leave nothing behind."""
        self._runs.changed.disconnect(self.noticing.look)
        self.noticing.close()
        self.offering.close()
        self.acts.close()


def open_shelf(catalogue: LiveCatalogue, folders: Folders, preferences: Preferences) -> Shelf:
    """The shelf of this person's packages."""
    cards = folders.index / "cards"
    return Shelf(
        catalogue,
        PackageStore(folders.models),
        lambda: preferences.settings,
        lambda found: stored_title(found, cards),
    )
