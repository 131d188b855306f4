"""`Choosing`: opens the preferences and carries every choice out at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QWidget

from medview.app.controllers.window.preferences import Preferences
from medview.config.schema import MouseProfile, Settings, Theme
from medview.view.dialogs.preferences import PreferencesDialog, PreferenceValues

_THEMES: tuple[Theme, ...] = ("dark", "light", "system")
_PROFILES: tuple[MouseProfile, ...] = ("window-left", "scroll-left")


class Choosing:
    """One dialog at a time.

    Parameters
    ----------
    parent : QWidget
    preferences : Preferences
    show_theme : callable
        Takes the theme to show from now on.
    take_profile : callable
        Takes what the left button shall do from now on.
    show_identifiers : callable
        Takes whether corner text names the person.
    """

    def __init__(
        self,
        parent: QWidget,
        preferences: Preferences,
        *,
        show_theme: Callable[[Theme], None],
        take_profile: Callable[[MouseProfile], None],
        show_identifiers: Callable[[bool], None],
    ) -> None:
        self._parent = parent
        self._preferences = preferences
        self._show_theme = show_theme
        self._take_profile = take_profile
        self._show_identifiers = show_identifiers
        self.dialog: PreferencesDialog | None = None

    def open(self) -> None:
        """Show the dialog, or bring the open one to the front."""
        if self.dialog is None:
            self.dialog = PreferencesDialog(as_values(self._preferences.settings), self._parent)
            self.dialog.changed.connect(self._take)
            self.dialog.finished.connect(self._on_closed)
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def refresh(self) -> None:
        """Show in the open dialog what was changed elsewhere."""
        if self.dialog is not None:
            self.dialog.set_values(as_values(self._preferences.settings))

    def _on_closed(self, _result: int) -> None:
        self.dialog = None

    def _take(self, values: PreferenceValues) -> None:
        before = self._preferences.settings
        after = with_values(before, values)
        self._preferences.take(after)
        if after.window.theme != before.window.theme:
            self._show_theme(after.window.theme)
        if after.reading.mouse_profile != before.reading.mouse_profile:
            self._take_profile(after.reading.mouse_profile)
        if after.reading.show_identifiers != before.reading.show_identifiers:
            self._show_identifiers(after.reading.show_identifiers)


def as_values(settings: Settings) -> PreferenceValues:
    """What the dialog shows of the settings."""
    profile = settings.reading.mouse_profile
    return PreferenceValues(
        settings.window.theme,
        profile if profile in _PROFILES else "window-left",
        settings.reading.show_identifiers,
        settings.models.device,
        settings.models.reproducible,
    )


def with_values(settings: Settings, values: PreferenceValues) -> Settings:
    """The settings with what was chosen; what the dialog does not show stays."""
    theme = next((t for t in _THEMES if t == values.theme), settings.window.theme)
    profile = settings.reading.mouse_profile
    if values.left_button != as_values(settings).left_button:
        profile = next((p for p in _PROFILES if p == values.left_button), profile)
    return replace(
        settings,
        window=replace(settings.window, theme=theme),
        reading=replace(
            settings.reading, mouse_profile=profile, show_identifiers=values.show_identifiers
        ),
        models=replace(settings.models, device=values.device, reproducible=values.reproducible),
    )
