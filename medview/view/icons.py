"""Icons of one family (Phosphor, drawn from a bundled font, so they work offline at any scale)."""

from __future__ import annotations

import qtawesome
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap

ICON_PX = 20

_FAMILY = "ph"
_GLYPHS = {
    "about": "info",
    "add": "plus",
    "angle": "triangle",
    "brain": "brain",
    "bug": "bug",
    "cancel": "x",
    "cine": "play",
    "close": "x",
    "collapse": "caret-down",
    "command": "command",
    "copy": "copy",
    "crosshair": "crosshair",
    "cube": "cube",
    "details": "info",
    "disabled": "prohibit",
    "doctor": "heartbeat",
    "distance": "ruler",
    "done": "check-circle",
    "doubt": "warning",
    "down": "arrow-down",
    "error": "warning-circle",
    "expand": "caret-right",
    "export": "export",
    "eye": "eye",
    "eye-off": "eye-slash",
    "file": "file-text",
    "findings": "list-bullets",
    "fit": "frame-corners",
    "float": "arrow-square-out",
    "full-screen": "corners-out",
    "help": "question",
    "image": "image",
    "install": "download-simple",
    "invert": "circle-half",
    "keyboard": "keyboard",
    "layers": "stack",
    "layout-four": "squares-four",
    "layout-one": "square",
    "log": "terminal-window",
    "models": "puzzle-piece",
    "moon": "moon",
    "more": "dots-three",
    "network": "globe-simple",
    "next": "caret-right",
    "ok": "check",
    "open": "folder-open",
    "open-file": "file-plus",
    "package": "package",
    "pan": "hand",
    "panel": "columns",
    "pause": "pause",
    "parameters": "sliders-horizontal",
    "person": "user",
    "power": "power",
    "previous": "caret-left",
    "probe": "eyedropper",
    "quit": "sign-out",
    "recent": "clock-counter-clockwise",
    "redo": "arrow-clockwise",
    "refresh": "arrows-clockwise",
    "region": "selection",
    "remove": "trash",
    "reset": "arrow-counter-clockwise",
    "rotate": "arrows-clockwise",
    "run": "play",
    "sample": "flask",
    "save": "floppy-disk",
    "scroll": "mouse-simple",
    "search": "magnifying-glass",
    "series": "stack-simple",
    "settings": "gear",
    "slab": "stack",
    "snapshot": "camera",
    "study": "calendar-blank",
    "sun": "sun",
    "text": "text-aa",
    "undo": "arrow-counter-clockwise",
    "up": "arrow-up",
    "window-level": "circle-half",
    "zoom": "magnifying-glass-plus",
}
ICON_NAMES = frozenset(_GLYPHS)


def icon(name: str, colour: str | None = None) -> QIcon:
    """An icon by the name of what it stands for.

    Parameters
    ----------
    name : str
        One of `ICON_NAMES`.
    colour : str, optional
        ``#rrggbb``; by default the palette's text colour at the time of
        painting, so that a change of theme needs no new icons.

    Raises
    ------
    KeyError
        For an unknown name; a missing picture is a defect, never a blank button.
    """
    if name not in _GLYPHS:
        raise KeyError(f"There is no icon '{name}'; known: {', '.join(sorted(_GLYPHS))}.")
    return QIcon(_Glyph(_GLYPHS[name], colour))


def missing_glyphs() -> tuple[str, ...]:
    """Names whose picture the installed icon package lacks; empty when all is well."""
    return tuple(name for name, glyph in _GLYPHS.items() if not _has(glyph))


def _has(glyph: str) -> bool:
    try:
        return bool(qtawesome.charmap(f"{_FAMILY}.{glyph}"))
    except KeyError:
        return False


class _Glyph(QIconEngine):
    """Paints one character of the icon font in the palette's colour."""

    def __init__(self, glyph: str, colour: str | None) -> None:
        super().__init__()
        self._glyph = glyph
        self._colour = colour

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw the character centred in `rect`."""
        if rect.isEmpty():
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setFont(qtawesome.font(_FAMILY, rect.height()))
        painter.setPen(self._pen(mode))
        character = qtawesome.charmap(f"{_FAMILY}.{self._glyph}")
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), character)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Draw onto a transparent pixmap of `size` device pixels."""
        pixmap = QPixmap(size)
        if pixmap.isNull():
            # Window systems ask for icons of no size; painting on nothing fills the terminal.
            return pixmap
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        """Return an equal engine."""
        return _Glyph(self._glyph, self._colour)

    def _pen(self, mode: QIcon.Mode) -> QColor:
        palette = QGuiApplication.palette()
        if mode == QIcon.Mode.Disabled:
            group = QPalette.ColorGroup.Disabled
            return palette.color(group, QPalette.ColorRole.WindowText)
        if self._colour is not None:
            return QColor(self._colour)
        return palette.color(QPalette.ColorGroup.Active, QPalette.ColorRole.WindowText)
