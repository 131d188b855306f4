"""Draws captions: corner lines that thin out as the view gets small, the plane label, and marks."""

from __future__ import annotations

from medview.core.findings.labelmap import Rgb
from medview.render.canvas import Canvas
from medview.render.caption import TONES, Caption, Mark
from medview.render.text import TextPainter, small_caps

FONT_PX = 13.0
"""Font size of corner text in logical pixels."""

_MARGIN = 8.0
_LINE = 1.32
_FULL_PX, _SOME_PX = 320, 180
_LETTER_ROOM = 14.0


def draw_corner_text(
    canvas: Canvas,
    painter: TextPainter,
    caption: Caption,
    *,
    label: str = "",
    label_rgb: Rgb = (255, 255, 255),
) -> None:
    """Draw the plane label, the corner lines and the marks.

    Under 320 logical pixels only the first two lines of a corner are drawn, under 180
    only label and marks. Marks are always drawn.
    """
    size = FONT_PX * canvas.scale
    room = min(canvas.width, canvas.height) / canvas.scale
    most = 99 if room >= _FULL_PX else 2 if room >= _SOME_PX else 0
    margin, line = _MARGIN * canvas.scale, size * _LINE
    top, bottom = margin + size / 2, canvas.height - margin - size / 2
    left, right = margin, canvas.width - margin
    y = top
    if label:
        small_caps(painter, canvas, label, left, y, size, label_rgb)
        y += line
    # The middle of each edge belongs to the orientation letter.
    most_wide = canvas.width / 2 - margin - _LETTER_ROOM * canvas.scale

    def short(text: str) -> str:
        return shortened(painter, text, size, most_wide)

    for text in caption.top_left[:most]:
        painter.draw(canvas, short(text), left, y, size)
        y += line
    for mark in caption.marks:
        y += _draw_mark(canvas, painter, mark, left, y, size)
    for row, text in enumerate(caption.top_right[:most]):
        painter.draw(canvas, short(text), right, top + row * line, size, anchor="right")
    for row, text in enumerate(reversed(caption.bottom_left[:most])):
        painter.draw(canvas, short(text), left, bottom - row * line, size)
    for row, text in enumerate(reversed(caption.bottom_right[:most])):
        painter.draw(canvas, short(text), right, bottom - row * line, size, anchor="right")


def shortened(painter: TextPainter, text: str, size: float, most_wide: float) -> str:
    """`text`, or its beginning with an ellipsis where it is wider than `most_wide` pixels."""
    if painter.width(text, size) <= most_wide:
        return text
    fits = int(len(text) * most_wide / painter.width(text, size)) - 1
    while fits > 0 and painter.width(f"{text[:fits].rstrip()}…", size) > most_wide:
        fits -= 1
    return f"{text[: max(fits, 0)].rstrip()}…"


def _draw_mark(
    canvas: Canvas, painter: TextPainter, mark: Mark, x: float, y: float, size: float
) -> float:
    ground, ink = TONES[mark.tone]
    size *= 0.88
    pad = 5 * canvas.scale
    width = painter.width(mark.text, size)
    half = size * 0.72
    canvas.fill_rect(x, y - half, x + width + 2 * pad, y + half, ground)
    painter.draw(canvas, mark.text, x + pad, y, size, rgb=ink, alpha=1.0, halo=False)
    return 2 * half + 4 * canvas.scale
