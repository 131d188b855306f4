"""The planes of one DICOM object, placed as well as its header allows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from medview.core.errors import InputError
from medview.io.dicom import tags
from medview.io.dicom.decode import is_native
from medview.io.dicom.enhanced import enhanced_frames
from medview.io.dicom.frame import Frame, classic_frame
from medview.io.dicom.instance import Instance, PixelFormat, check_numbers
from medview.io.dicom.mosaic import is_mosaic, mosaic_frames
from medview.io.dicom.roles import role_of
from medview.io.dicom.tomographic import tomographic_frames

MAX_FRAMES = 100_000
_MAX_COMPRESSION = 1 << 16
"""No honest file shrinks its pixels further; an empty picture stays far below."""


@dataclass(frozen=True, slots=True)
class Planes:
    """An object with its planes; documents and slides have none here."""

    instance: Instance
    frames: tuple[Frame, ...]


def planes_of(instance: Instance) -> Planes:
    """Find every plane of an object.

    Raises
    ------
    InputError
        If the pixels or their description are missing or damaged.
    """
    role = role_of(instance)
    if role in ("document", "directory", "slide"):
        return Planes(instance, ())
    check_numbers(instance.header)
    form = _checked_format(instance)
    return Planes(instance, tuple(_frames(instance, form, is_moving=role == "picture")))


def _frames(instance: Instance, form: PixelFormat, *, is_moving: bool) -> list[Frame]:
    if tags.PER_FRAME_GROUPS in instance.header.present:
        return enhanced_frames(instance, form)
    if is_mosaic(instance):
        tiles = mosaic_frames(instance, form)
        if tiles is not None:
            return tiles
    if instance.frame_count == 1 or is_moving:
        return [classic_frame(instance, form)]
    slices = tomographic_frames(instance, form)
    if slices is not None:
        return slices
    # One position cannot place several frames, so they are left unplaced.
    plain = replace(classic_frame(instance, form), position=None)
    return [replace(plain, index=n) for n in range(instance.frame_count)]


def _checked_format(instance: Instance) -> PixelFormat:
    """Refuse before anything is allocated what the file cannot hold."""
    header, form = instance.header, instance.format
    name = header.source.name
    if form is None or header.pixels is None:
        raise InputError(f"{name} does not describe its pixels.", code="damaged-header")
    if instance.frame_count > MAX_FRAMES:
        raise InputError(f"{name} claims to hold {instance.frame_count} frames.", code="too-large")
    if header.pixels.is_encapsulated:
        claimed = form.frame_bytes * instance.frame_count
        if claimed > _MAX_COMPRESSION * max(1, header.size - header.pixels.offset):
            raise InputError(
                f"{name} claims {claimed >> 20} MiB of pixels, more than it can hold.",
                code="too-large",
            )
        return form
    if not is_native(header.transfer_syntax):
        raise InputError(
            f"{name} says that its pixels are compressed ({header.transfer_syntax}), and they are "
            "not stored that way.",
            code="damaged-pixels",
        )
    wanted = (form.frame_bytes * 8 if form.bits_allocated != 1 else form.rows * form.columns) * (
        instance.frame_count
    )
    there = max(0, min(header.pixels.length, header.size - header.pixels.offset))
    if (wanted + 7) // 8 > there:
        raise InputError(
            f"{name} is cut short: {there} of {(wanted + 7) // 8} bytes of its pixels are there.",
            code="truncated-pixels",
        )
    return form
