"""`Provenance`: which model made a result, from what, how. Filled in by the host alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from medview.core.data.source import SourceInfo
from medview.core.notice import Notice


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """A model: its id, the version and name of its distribution, and the API it speaks."""

    id: str
    version: str
    distribution: str
    api: str


@dataclass(frozen=True, slots=True)
class WeightsIdentity:
    """A weights file by name and SHA-256."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """All that is needed to tell, and to make again, how a result came about.

    Attributes
    ----------
    model : ModelIdentity
    weights : tuple of WeightsIdentity
        The weights files the run used.
    parameters : dict
        As given, defaults included; JSON values.
    source : SourceInfo
        On the source's own grid, with its fingerprint.
    device, precision : str
        What the successful attempt ran on.
    fallbacks : tuple of str
        Rungs of the memory ladder taken before, in order.
    started : str
        ISO 8601 with time zone.
    duration_s : float
    warnings : tuple of Notice
        Doubts of the model and of the host.
    host_version, intended_use : str
    demonstration : bool
        Whether the model is one that only demonstrates, and must be marked wherever it shows.
    """

    model: ModelIdentity
    source: SourceInfo
    device: str
    precision: str
    started: str
    duration_s: float
    host_version: str
    intended_use: str
    weights: tuple[WeightsIdentity, ...] = ()
    parameters: dict[str, object] = field(default_factory=dict)
    fallbacks: tuple[str, ...] = ()
    warnings: tuple[Notice, ...] = ()
    demonstration: bool = False
