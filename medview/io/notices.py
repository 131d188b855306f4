"""What readers of several kinds of file have to say about them."""

from __future__ import annotations

from medview.core.notice import Notice

LOSSY_COMPRESSION = Notice(
    "lossy-compression",
    "The pixels were compressed with loss; fine detail may be missing or false.",
)
