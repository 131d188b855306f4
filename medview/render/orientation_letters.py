"""Letters at the four edges that say which way the patient lies."""

from __future__ import annotations

from medview.core.geometry.orient import letters
from medview.render.cameras import SliceCamera
from medview.render.canvas import Canvas
from medview.render.text import TextPainter


def edge_letters(camera: SliceCamera) -> dict[str, str]:
    """Anatomical directions at the ``left``, ``right``, ``top`` and ``bottom`` edge."""
    return {
        "left": letters(-camera.right),
        "right": letters(camera.right),
        "top": letters(camera.up),
        "bottom": letters(-camera.up),
    }


def draw_orientation_letters(
    canvas: Canvas, painter: TextPainter, camera: SliceCamera, size: float
) -> None:
    """Draw the letters in the middle of the four edges."""
    words = edge_letters(camera)
    margin = 8 * canvas.scale
    middle_x, middle_y = canvas.width / 2, canvas.height / 2
    painter.draw(canvas, words["left"], margin, middle_y, size)
    painter.draw(canvas, words["right"], canvas.width - margin, middle_y, size, anchor="right")
    top = margin + size / 2
    painter.draw(canvas, words["top"], middle_x, top, size, anchor="centre")
    painter.draw(canvas, words["bottom"], middle_x, canvas.height - top, size, anchor="centre")
