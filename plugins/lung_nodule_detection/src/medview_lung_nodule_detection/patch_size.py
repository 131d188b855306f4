"""Size and grey scale of the patches, apart from torch so that readers stay light."""

PATCH_PX = 50
LOW_HU, HIGH_HU = -1000.0, 400.0
"""Hounsfield values drawn as 0 and as 255 in the LUNA16 patches."""
