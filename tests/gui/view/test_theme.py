"""Themes are readable, and icons exist."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon
from PySide6.QtWidgets import QAbstractButton, QApplication, QSlider, QWidget

from medview.view.icons import ICON_NAMES, icon, missing_glyphs
from medview.view.main_window import MainWindow
from medview.view.panels.model_rows import CardFact, ModelRow
from medview.view.theme import ThemeName, apply_theme, load_theme, style_sheet

THEMES: tuple[ThemeName, ...] = ("dark", "light")


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""

    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    c = QColor(colour)
    return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF())


def contrast(a: str, b: str) -> float:
    """Contrast ratio (WCAG 2.2), 1..21."""
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("ink", ["text", "muted", "accent", "good", "doubt", "bad", "demo"])
@pytest.mark.parametrize("ground", ["window", "raised", "sunken"])
def test_writing_is_readable_on_every_surface(name: ThemeName, ink: str, ground: str) -> None:
    theme = load_theme(name)
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_writing_is_readable_on_buttons_and_selections(name: ThemeName) -> None:
    theme = load_theme(name)
    assert contrast(theme.accent_text, theme.accent_fill) >= 4.5
    assert contrast(theme.accent_text, theme.accent_hover) >= 4.5
    for ground in (theme.selection, theme.hover):
        assert contrast(theme.text, ground) >= 4.5


@pytest.mark.parametrize("name", THEMES)
def test_the_style_sheet_has_no_colour_left_open(name: ThemeName) -> None:
    assert "$" not in style_sheet(load_theme(name))


def test_every_icon_exists_in_the_installed_font(qapp: QApplication) -> None:
    assert missing_glyphs() == ()


@pytest.mark.parametrize("name", sorted(ICON_NAMES))
def test_no_icon_is_blank(qapp: QApplication, name: str) -> None:
    image = icon(name).pixmap(QSize(20, 20)).toImage()
    alphas = [image.pixelColor(x, y).alpha() for x in range(20) for y in range(20)]
    assert max(alphas) > 128


def test_an_unknown_icon_is_refused() -> None:
    with pytest.raises(KeyError, match="no icon 'unicorn'"):
        icon("unicorn")


def test_icons_follow_the_theme(qapp: QApplication) -> None:
    picture: QIcon = icon("layout-one")

    def brightest() -> int:
        image = picture.pixmap(QSize(40, 40)).toImage()
        pixels = (image.pixelColor(x, y) for x in range(40) for y in range(40))
        return max((p.lightness() for p in pixels if p.alpha() > 200), default=-1)

    apply_theme(qapp, load_theme("dark"))
    dark = brightest()
    apply_theme(qapp, load_theme("light"))
    light = brightest()
    qapp.setStyleSheet("")
    assert dark > 200
    assert 0 <= light < 80


def test_every_control_has_a_name_for_screen_readers(window: MainWindow) -> None:
    facts = (CardFact("Licence", "Apache-2.0"),)
    window.models.set_models((ModelRow("m", "Lung", fit="fit", facts=facts),))
    nameless: list[QWidget] = []
    for kind in (QAbstractButton, QSlider):
        for widget in window.findChildren(kind):
            text = widget.text() if isinstance(widget, QAbstractButton) else ""
            own = not widget.objectName().startswith("qt_")
            if own and not widget.accessibleName() and not text and widget.isVisible():
                nameless.append(widget)
    assert nameless == []


def test_an_icon_of_no_size_is_no_picture_and_no_complaint(
    qtlog: Any,
) -> None:
    assert icon("close").pixmap(QSize(0, 0)).isNull()
    assert icon("close").pixmap(QSize(0, 16)).isNull()
    assert [record.message for record in qtlog.records] == []
