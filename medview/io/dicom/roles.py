"""What kind of DICOM object this is: planes of a scan, a picture, a slide or a document."""

from __future__ import annotations

from typing import Literal

from medview.io.dicom.instance import Instance

Role = Literal["plane", "localizer", "secondary", "picture", "slide", "document", "directory"]

_STORAGE = "1.2.840.10008.5.1.4.1.1."
DIRECTORY_CLASS = "1.2.840.10008.1.3.10"
_DOCUMENT_PREFIXES = tuple(
    _STORAGE + tail
    for tail in (
        "9.",  # waveforms
        "11.",  # presentation states
        "66",  # raw data, registration, segmentation, meshes
        "67",
        "78.",  # eye measurements
        "79.",
        "80.",
        "88.",  # structured reports
        "90.",
        "91.",  # annotations
        "104.",  # encapsulated documents
        "200.",
        "481.",  # radiotherapy
    )
)
_SECONDARY_PREFIX = _STORAGE + "7"
_SLIDE_CLASS = _STORAGE + "77.1.6"
_PLANE_MODALITIES = frozenset(("CT", "MR", "PT", "NM"))
_DOCUMENT_MODALITIES = frozenset(
    (
        *("SR", "SEG", "PR", "KO", "REG", "FID", "ANN", "RWV", "DOC", "PLAN", "M3D"),
        *("RTSTRUCT", "RTPLAN", "RTDOSE", "RTRECORD", "RTIMAGE"),
        *("AU", "ECG", "HD", "EPS", "SRF", "STAIN"),
    )
)

_SCREENS = frozenset(("SCREEN SAVE", "DOSE_INFO"))
"""Pictures of a console, which scanners store among the slices as if they were some."""


def role_of(instance: Instance) -> Role:
    """Decide from SOP class, modality and image type (PS3.4 B.5, PS3.3 C.7.6.1.1.2)."""
    sop, modality = instance.sop_class, instance.modality
    if sop == DIRECTORY_CLASS:
        return "directory"
    if modality in _DOCUMENT_MODALITIES or sop.startswith(_DOCUMENT_PREFIXES):
        return "document"
    if instance.header.pixels is None:
        return "document"
    if sop == _SLIDE_CLASS or modality == "SM":
        return "slide"
    if "LOCALIZER" in instance.image_type:
        return "localizer"
    if not _SCREENS.isdisjoint(instance.image_type):
        return "secondary"
    if sop.startswith(_SECONDARY_PREFIX) or modality == "SC":
        return "secondary"
    if modality in _PLANE_MODALITIES or not modality:
        return "plane"
    return "picture"
