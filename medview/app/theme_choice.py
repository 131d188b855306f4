"""Which theme a setting means, and how it comes over the whole application."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from medview.config.schema import Theme
from medview.view.theme import ThemeName, apply_theme, load_theme


def theme_name(setting: Theme) -> ThemeName:
    """Dark or light; "system" asks the platform, and is dark where that does not say."""
    if setting == "system":
        light = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Light
        return "light" if light else "dark"
    return setting


def show_theme(application: QApplication, setting: Theme) -> None:
    """Give the application the theme of a setting."""
    apply_theme(application, load_theme(theme_name(setting)))
