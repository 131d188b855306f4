"""Long descriptions leave the middle of an edge to the orientation letter."""

from __future__ import annotations

from medview.render.corner_text import shortened
from medview.render.text import TextPainter


def test_a_long_line_is_cut_with_an_ellipsis_and_fits() -> None:
    painter = TextPainter()
    text = "CT 2 A very long description of a reconstruction, kernel and all"
    cut = shortened(painter, text, 13.0, 150.0)
    assert painter.width(cut, 13.0) <= 150.0
    assert cut.endswith("…")
    assert text.startswith(cut.removesuffix("…"))
    assert len(cut) > 10


def test_a_short_line_stays_as_it_is() -> None:
    assert shortened(TextPainter(), "z -14.0 mm", 13.0, 150.0) == "z -14.0 mm"
