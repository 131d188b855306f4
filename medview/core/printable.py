"""`printable`: foreign text without what would steer a terminal or turn its direction around."""

from __future__ import annotations

import re

# C0 and C1 controls but tab and line feed; marks that embed, override or isolate a direction
# (Unicode TR 9); separators of lines and paragraphs; halves of surrogate pairs.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    """`text` with each such character shown as U+FFFD; letters of any script stay."""
    return _STEERING.sub("\ufffd", text.replace("\r\n", "\n"))


def one_line(text: str, most: int = 2000) -> str:
    """`text` as `printable` shows it, on one line and of at most `most` characters.

    With a line break in it a foreign text could show lines that nobody else wrote.
    """
    folded = printable(" ".join(text.split()))
    return folded if len(folded) <= most else f"{folded[: most - 1]}…"
