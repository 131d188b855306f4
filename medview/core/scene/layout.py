"""Named arrangements of views."""

from __future__ import annotations

from enum import StrEnum


class Layout(StrEnum):
    """Which views fill the middle of the window; values as ``snapshot --layout`` takes them."""

    FOUR_UP = "four-up"
    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"
    VOLUME = "volume"
