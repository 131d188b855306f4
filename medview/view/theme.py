"""The palettes and the one style sheet; sizes follow the platform's font, space an 8 px grid."""

from __future__ import annotations

import json
from dataclasses import dataclass
from string import Template
from typing import Literal

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from medview.core.resources import resource

ThemeName = Literal["dark", "light"]


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as ``#rrggbb``.

    Attributes
    ----------
    window, sunken, raised, hover : str
        Surfaces: the ground, wells and lists, cards and bars, under the pointer.
    line, strong_line : str
        Borders; the strong one outlines controls.
    text, muted, disabled : str
        Writing: normal, secondary (still at least 4.5 : 1) and not available.
    accent, accent_fill, accent_hover, accent_text : str
        Of writing and frames; of filled buttons, and the writing on them.
    selection : str
    good, doubt, bad, demo : str
        Verdicts and marks.
    """

    name: ThemeName
    window: str
    sunken: str
    raised: str
    hover: str
    line: str
    strong_line: str
    text: str
    muted: str
    disabled: str
    accent: str
    accent_fill: str
    accent_hover: str
    accent_text: str
    selection: str
    good: str
    doubt: str
    bad: str
    demo: str


def load_theme(name: ThemeName) -> Theme:
    """Read a palette from ``resources/theme``."""
    text = resource("theme", f"{name}.json").read_text(encoding="utf-8")
    return Theme(name=name, **json.loads(text))


def apply_theme(application: QApplication, theme: Theme) -> None:
    """Give the whole application the style, palette and style sheet of `theme`."""
    application.setStyle("Fusion")
    application.setPalette(palette(theme))
    application.setStyleSheet(style_sheet(theme))


def style_sheet(theme: Theme) -> str:
    """The style sheet with the colours of `theme` filled in."""
    template = Template(resource("theme", "style.qss").read_text(encoding="utf-8"))
    colours = {field: getattr(theme, field) for field in Theme.__dataclass_fields__}
    return template.substitute(colours)


def palette(theme: Theme) -> QPalette:
    """The same colours for what the style paints without a style sheet."""
    roles = QPalette.ColorRole
    result = QPalette()
    for role, colour in {
        roles.Window: theme.window,
        roles.WindowText: theme.text,
        roles.Base: theme.sunken,
        roles.AlternateBase: theme.window,
        roles.Text: theme.text,
        roles.PlaceholderText: theme.muted,
        roles.Button: theme.raised,
        roles.ButtonText: theme.text,
        roles.ToolTipBase: theme.raised,
        roles.ToolTipText: theme.text,
        roles.Highlight: theme.selection,
        roles.HighlightedText: theme.text,
        roles.Accent: theme.accent,
        roles.Link: theme.accent,
        roles.Mid: theme.line,
        roles.Light: theme.hover,
        roles.Dark: theme.sunken,
        roles.BrightText: theme.bad,
    }.items():
        result.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.disabled))
    return result


def tabular_font(base: QFont) -> QFont:
    """A face of `base`'s size whose figures have equal widths, so that numbers do not dance."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(max(base.pointSizeF() - 0.5, 7.0))
    return font
