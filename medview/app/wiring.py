"""Constructs every object of one window and passes them in; nothing here decides anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication

from medview.app.background import Background
from medview.app.command_table import Acts, CommandTable, tool_of
from medview.app.controllers.last_failures import LastFailures
from medview.app.controllers.models import LiveCatalogue
from medview.app.controllers.run_model import submit_run
from medview.app.controllers.window import asking
from medview.app.controllers.window.activity import Activity
from medview.app.controllers.window.choosing import Choosing
from medview.app.controllers.window.cine import Cine
from medview.app.controllers.window.findings import FindingsDisplay
from medview.app.controllers.window.forgetting import Forgetting
from medview.app.controllers.window.freshness import Freshness
from medview.app.controllers.window.gestures import SliceGestures
from medview.app.controllers.window.layers import LayerActs
from medview.app.controllers.window.loading import Loader
from medview.app.controllers.window.meaning import Meaning
from medview.app.controllers.window.model_keys import ModelKeys
from medview.app.controllers.window.models import ModelsDisplay
from medview.app.controllers.window.navigator import Navigator
from medview.app.controllers.window.notices import Notices
from medview.app.controllers.window.opening import Opener
from medview.app.controllers.window.overlays import Overlays
from medview.app.controllers.window.pictures import Pictures
from medview.app.controllers.window.pointer import Pointer
from medview.app.controllers.window.preferences import Preferences
from medview.app.controllers.window.reading import Reading
from medview.app.controllers.window.runs import Runs
from medview.app.controllers.window.sample import SampleStudy
from medview.app.controllers.window.saving import Saver
from medview.app.controllers.window.studies import StudiesDisplay
from medview.app.controllers.window.thumbnails import Thumbnails
from medview.app.controllers.window.time_display import TimeDisplay
from medview.app.controllers.window.time_points import TimePoints
from medview.app.controllers.window.titles import Titles
from medview.app.controllers.window.viewer import Viewer
from medview.app.controllers.window.views import Views
from medview.app.controllers.window.volume_gestures import VolumeGestures
from medview.app.controllers.window.window_acts import WindowActs
from medview.app.controllers.window.windowing import WindowPresets
from medview.app.controllers.window_packages.assembly import WindowPackages, open_shelf
from medview.app.library import Library
from medview.app.qt_bridge import QtBridge
from medview.app.results import Results
from medview.app.session import PLANES, new_session
from medview.app.shutdown import PATIENCE_S, shut_down
from medview.app.theme_choice import show_theme
from medview.config.paths import Folders
from medview.config.redact import Redactor
from medview.config.schema import Settings, Theme
from medview.core.data.series import Series, Study
from medview.core.scene.scene import OpenSource
from medview.io.thumbnail_store import FOLDER_NAME, ThumbnailStore
from medview.jobs.runner import Runner
from medview.view.dialogs.error_report import ErrorReport
from medview.view.main_window import MainWindow


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What a window gets from outside.

    Attributes
    ----------
    folders : Folders
    settings : Settings
    catalogue : LiveCatalogue
    redactor : Redactor
    """

    folders: Folders
    settings: Settings
    catalogue: LiveCatalogue
    redactor: Redactor


class Desk:
    """One window with everything behind it. Keeps all of it alive; `close` takes it down in order.

    Parameters
    ----------
    surroundings : Surroundings
    """

    def __init__(self, surroundings: Surroundings) -> None:
        folders, settings = surroundings.folders, surroundings.settings
        self._redactor = surroundings.redactor
        self._catalogue = surroundings.catalogue
        self.window = window = MainWindow()
        self.bridge = QtBridge()
        self.runner = Runner()
        self.background = background = Background(self.bridge.call_soon)
        self.session = session = new_session()
        self.library = library = Library()
        self.results = Results(session.scene)
        self.activity = activity = Activity(window.jobs)
        self.notices = notices = Notices(window.toasts, self._show_report, window.log.append)
        self.preferences = Preferences(
            settings,
            folders.settings_file,
            background,
            failed=lambda error: notices.failed("Saving the settings", error),
        )
        self._wire_views()
        self.loader = Loader(background, library, session, activity, notices)
        self.times = TimePoints(background, library, session.scene, notices)
        self.cine = Cine(
            session.scene, self.times, lambda: self.reading.next_slice_round_and_round()
        )
        self.time_display = TimeDisplay(window.viewer.times, self.times, self.cine)
        self.pictures.on_time_steps = self.time_display.step
        self._overlays = Overlays(background, library, session.scene, notices)
        self._freshness = Freshness(background, library, session.scene, notices, self.loader.show)
        self.opener = Opener(
            background,
            library,
            activity,
            notices,
            show=self.loader.show,
            opened=self.preferences.add_recent,
            keep_out_of_log=self._keep_out_of_log,
            index_folder=folders.index,
        )
        self._pictures_kept = ThumbnailStore(folders.index / FOLDER_NAME)
        self.forgetting = Forgetting(
            window.studies, library, background, notices, folders.index, self._pictures_kept
        )
        self.sample = SampleStudy(
            folders.index / "sample-study",
            background,
            activity,
            notices,
            lambda folder: self.opener.open([folder], remember=False),
        )
        self.acts = WindowActs(
            window, session, library, self.preferences, self.opener, self.loader, notices
        )
        self._wire_models(surroundings)
        self._wire_panels()
        self._wire_commands()

    # ---- life ------------------------------------------------------------------------

    def start(self, paths: Sequence[Path], *, sample: bool = False) -> None:
        """Begin to work; called after the window's first paint."""
        self.models.start()
        if paths:
            self.opener.open(paths)
        elif sample:
            self.sample.open()

    def close(self, wait_s: float = PATIENCE_S) -> tuple[str, ...]:
        """Take everything down, with the window already hidden; names of what would not stop."""
        left = shut_down(
            bridge=self.bridge,
            jobs=self.runner,
            background=self.background,
            view_steps=(self.views.detach, self.views.close),
            wait_s=wait_s,
        )
        self.packages.close()
        self._catalogue.close()
        return left

    # ---- parts -----------------------------------------------------------------------

    def _wire_views(self) -> None:
        window, session = self.window, self.session
        area = window.viewer
        self.views = Views(area, session, self.background)
        self.navigator = Navigator(session, self.views.fit)
        self.pictures = Pictures(area.image, window.set_pointer_text)
        self.viewer = Viewer(
            area, session, self.views, self.navigator, self.pictures, self.library.study_of
        )
        self.viewer.set_identifiers(self.preferences.settings.reading.show_identifiers)
        self.presets = WindowPresets(session, self.navigator, self.pictures)
        self._gestures = [
            SliceGestures(self.views.pane(plane), self.views, self.navigator) for plane in PLANES
        ]
        self._volume_gestures = VolumeGestures(area.volume, self.views, session.volume)
        self._pointer = Pointer(session, self.views, window.set_pointer_text)

    def _wire_models(self, surroundings: Surroundings) -> None:
        weights = surroundings.folders.weights
        preferences = self.preferences

        failures = LastFailures(surroundings.folders.logs / "models")
        self.runs = Runs(
            self.session,
            self.results,
            self.activity,
            self.notices,
            self.background,
            self.bridge,
            submit=lambda handle, source, values, on_event: submit_run(
                self.runner,
                handle,
                source,
                weights_folder=weights,
                values=values,
                device=preferences.settings.models.device,
                reproducible=preferences.settings.models.reproducible,
                on_event=on_event,
                failures=failures,
            ),
            show_source=self._show_source,
        )
        shelf = open_shelf(surroundings.catalogue, surroundings.folders, preferences)
        self.models = ModelsDisplay(
            self.window.models,
            shelf,
            self.session,
            self.runs,
            self.background,
            ModelKeys(preferences),
        )
        self.packages = WindowPackages(
            self.window,
            shelf,
            self.models,
            folders=surroundings.folders,
            background=self.background,
            activity=self.activity,
            notices=self.notices,
            preferences=preferences,
            runs=self.runs,
            failures=failures,
            open_images=self.opener.open,
            keep_out_of_log=lambda paths: self._keep_out_of_log(paths, ()),
        )

    def _wire_panels(self) -> None:
        window, notices = self.window, self.notices
        self.saver = Saver(
            self.session,
            self.results,
            self.background,
            notices,
            ask_folder=lambda name: asking.ask_new_folder(window, name),
            reveal=lambda folder: _open_in_file_manager(folder),
        )
        self.layer_acts = LayerActs(
            self.session,
            self.results,
            self.navigator,
            offer_undo=lambda text, back: notices.tell(text, action="Undo", on_action=back),
            go_to_time=self.time_display.go,
        )
        self.findings = FindingsDisplay(
            window.findings,
            window.layers,
            self.session,
            self.results,
            self.layer_acts,
            self.saver.save,
        )
        self.studies = StudiesDisplay(window.studies, self.library, self.loader.show)
        self.loader.on_wanted = self.studies.set_open
        self.loader.on_first_slice = self._preview
        self.meaning = Meaning(window.viewer, self.session.scene)
        self.thumbnails = Thumbnails(
            window.studies, self.library, self.background, self._pictures_kept
        )
        self.titles = Titles(window, self.session, self.library, self.loader.show)
        empty = window.viewer.empty
        for lists_recents in (empty, window.studies):
            lists_recents.open_folder_requested.connect(self.acts.ask_folder)
            lists_recents.recent_chosen.connect(lambda text: self.opener.open([Path(text)]))
        empty.open_files_requested.connect(self.acts.ask_files)
        empty.sample_requested.connect(self.sample.open)
        self.preferences.on_recents = self._show_recents
        self._show_recents(self.preferences.recent_rows())

    def _wire_commands(self) -> None:
        self.reading = Reading(
            self.window.viewer,
            self.session,
            self.navigator,
            self.pictures,
            self.views,
            self.presets,
            step_series=self.acts.step_series,
            step_finding=self.layer_acts.step_detection,
            step_time=self.time_display.step,
            toggle_results=self.layer_acts.toggle_all,
        )
        acts = Acts(
            open_folder=self.acts.ask_folder,
            open_files=self.acts.ask_files,
            open_sample=self.sample.open,
            save_findings=self.saver.save_newest,
            save_picture=self.acts.save_picture,
            close_all=self.acts.close_all,
            leave=self.acts.leave,
            run_model=self.window.models.run,
            cancel_newest=self.activity.cancel_newest,
            install_model=self.packages.offering.ask,
            examine_models=self.packages.examining.open,
            removed_title=lambda: self.packages.acts.removed_title,
            undo_removal=self.packages.acts.undo_removal,
            toggle_identifiers=self._toggle_identifiers,
            identifiers_shown=lambda: self.preferences.settings.reading.show_identifiers,
            toggle_cine=self.cine.toggle,
            is_playing=lambda: self.cine.is_playing,
            show_preferences=lambda: self.choosing.open(),
            show_keys=self.acts.show_keys,
            show_about=self.acts.show_about,
        )
        first_tool = tool_of(self.preferences.settings.reading.mouse_profile)
        self.commands = CommandTable(
            self.window, self.session, self.reading, self.presets, acts, first_tool
        )
        self.choosing = Choosing(
            self.window,
            self.preferences,
            show_theme=self._show_theme,
            take_profile=lambda profile: self.commands.choose_tool(tool_of(profile)),
            show_identifiers=self._show_identifiers,
        )
        self.acts.items = self.commands.items
        self.models.on_rows = self.commands.set_models
        self.packages.acts.on_removal = self.commands.refresh
        self.time_display.on_playing = self.commands.show_playing
        self.commands.refresh()

    # ---- small acts that join two of the parts -----------------------------------------

    def _show_recents(self, rows: object) -> None:
        self.window.viewer.empty.set_recents(rows)  # type: ignore[arg-type]
        self.window.studies.set_recents(rows)  # type: ignore[arg-type]

    def _keep_out_of_log(self, paths: Sequence[Path], studies: Sequence[Study]) -> None:
        for path in paths:
            self._redactor.add_path(path)
        for study in studies:
            self._redactor.add(study.patient.id, study.patient.name, study.patient.birth_date)

    def _preview(self, series: Series, pixels: NDArray[np.generic], k: int) -> None:
        # The bar first: a slice is fitted into the room that is left.
        self.time_display.expect(series)
        self.viewer.preview(series, pixels, k)

    def _show_source(self, source: OpenSource) -> None:
        self.loader.show(source.id)
        active = self.session.scene.active
        if active is not None and active.id == source.id:
            self.time_display.go(source.time)

    def _toggle_identifiers(self) -> None:
        shown = not self.preferences.settings.reading.show_identifiers
        self.preferences.set_identifiers(shown)
        self._show_identifiers(shown)
        self.choosing.refresh()

    def _show_identifiers(self, shown: bool) -> None:
        self.viewer.set_identifiers(shown)
        self.commands.refresh()

    def _show_theme(self, theme: Theme) -> None:
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        show_theme(application, theme)

    def _show_report(self, title: str, sentence: str, report: str) -> None:
        ErrorReport(title, sentence, report, self.window).show()


def _open_in_file_manager(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
