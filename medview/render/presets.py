"""Named display settings from `resources/presets`: windows, and transfer functions for 3D."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from medview.core.data.intensity import Intensity, Window
from medview.core.errors import UsageError
from medview.core.findings.labelmap import Rgb
from medview.core.resources import resource


@dataclass(frozen=True, slots=True)
class WindowPreset:
    """A named window. CT presets hold for Hounsfield values only."""

    name: str
    window: Window


@dataclass(frozen=True, slots=True)
class Shading:
    """Parts of reflected light, 0..1, and the sharpness of highlights."""

    ambient: float
    diffuse: float
    specular: float
    specular_power: float


@dataclass(frozen=True, slots=True)
class VolumePreset:
    """A transfer function for volume rendering.

    Attributes
    ----------
    name : str
    intensity : {"hounsfield", "any"}
        Positions are Hounsfield units, or fractions 0..1 of the display window.
    opacity : tuple of (value, opacity per mm of depth)
    colour : tuple of (value, rgb)
    gradient_opacity : tuple of (gradient per mm, factor)
        Thins out even regions, so that surfaces stand out.
    shading : Shading
    """

    name: str
    intensity: Literal["hounsfield", "any"]
    opacity: tuple[tuple[float, float], ...]
    colour: tuple[tuple[float, Rgb], ...]
    gradient_opacity: tuple[tuple[float, float], ...]
    shading: Shading


def window_presets(
    modality: str | None, intensity: Intensity = Intensity.HOUNSFIELD
) -> tuple[WindowPreset, ...]:
    """The windows offered for a modality, in menu order; none for values that are no CT numbers.

    Parameters
    ----------
    modality : str or None
        DICOM modality. None (a format that has none) with Hounsfield values counts as CT.
    intensity : Intensity
        Of the values shown: a preset in Hounsfield units says nothing about other values.
    """
    if not intensity.is_hounsfield:
        return ()
    rows = _read("windows.json")["modalities"].get(modality or "CT", [])
    return tuple(
        WindowPreset(row["name"], Window(float(row["width"]), float(row["level"]))) for row in rows
    )


def volume_presets(intensity: Intensity | None = None) -> tuple[VolumePreset, ...]:
    """The transfer functions that suit an intensity, in menu order; all of them for None."""
    presets = tuple(_volume_preset(row) for row in _read("volume.json")["presets"])
    if intensity is None or intensity.is_hounsfield:
        return presets
    return tuple(p for p in presets if p.intensity == "any")


def volume_preset(name: str, intensity: Intensity) -> VolumePreset:
    """The preset of a name, or the first that suits where it does not fit the intensity.

    Raises
    ------
    UsageError
        If no preset has this name.
    """
    by_name = {p.name: p for p in volume_presets()}
    if name not in by_name:
        raise UsageError(
            f"There is no volume preset called {name!r}; there are {', '.join(by_name)}."
        )
    suited = volume_presets(intensity)
    return by_name[name] if by_name[name] in suited else suited[0]


def _volume_preset(row: dict[str, Any]) -> VolumePreset:
    shade = row["shade"]
    return VolumePreset(
        name=row["name"],
        intensity=row["intensity"],
        opacity=tuple((float(x), float(y)) for x, y in row["opacity"]),
        colour=tuple((float(x), (int(r), int(g), int(b))) for x, (r, g, b) in row["colour"]),
        gradient_opacity=tuple((float(x), float(y)) for x, y in row["gradient_opacity"]),
        shading=Shading(
            float(shade["ambient"]),
            float(shade["diffuse"]),
            float(shade["specular"]),
            float(shade["specular_power"]),
        ),
    )


def _read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(resource("presets", name).read_text(encoding="utf-8"))
    return document
