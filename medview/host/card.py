"""`ModelCard`: what a model is, accepts, returns and is honest about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceKind
from medview.core.geometry.orient import Orientation
from medview.core.runctx import Precision

FindingName = Literal["labelmap", "heatmap", "detections", "grades", "tile_scores", "measurements"]


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """A file of trained weights that a model can use.

    Attributes
    ----------
    name : str
        File name under which ``ctx.weights(name)`` finds it.
    sha256 : str
        Hexadecimal; the host refuses a file with another hash.
    licence : str
        SPDX identifier or a sentence.
    size_bytes : int
    url : str
        Where it can be had; empty when it ships inside the package.
    required : bool
        Whether the model cannot run without it.
    """

    name: str
    sha256: str
    licence: str
    size_bytes: int
    url: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class InputSpec:
    """What a model can be run on. The host checks this before it asks ``applicable``.

    Attributes
    ----------
    kind : {"volume", "image", "slide"}
    modalities : tuple of str
        DICOM modalities; empty accepts any. A source without modality is doubtful, never unfit.
    intensity : Intensity or None
        Required meaning of values; None accepts any.
    min_slices : int
        Fewer slices along the stacking axis are unfit.
    max_spacing_mm : float or None
        Above this spacing along any axis: doubtful.
    refuse_spacing_mm : float or None
        Above this: unfit.
    body_parts : tuple of str
        Header values that fit; another stated body part is doubtful. Empty accepts any.
    text : str
        The same in one sentence for people.
    min_coverage_mm : float or None
        A volume that covers less from head to foot, edge to edge of its outer voxels, is doubtful.
    refuse_coverage_mm : float or None
        One that covers less than this is unfit.
    planes : tuple of {"axial", "coronal", "sagittal", "oblique"}
        Planes of slices that fit; another one is doubtful. Empty accepts any. Whatever the plane,
        a model receives the volume in the same order of axes.
    """

    kind: SourceKind
    modalities: tuple[str, ...] = ()
    intensity: Intensity | None = None
    min_slices: int = 1
    max_spacing_mm: float | None = None
    refuse_spacing_mm: float | None = None
    body_parts: tuple[str, ...] = ()
    text: str = ""
    min_coverage_mm: float | None = None
    refuse_coverage_mm: float | None = None
    planes: tuple[Orientation, ...] = ()


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One honest number: what was measured, on what, with how many cases."""

    metric: str
    value: float
    on: str
    n: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class DeviceNeeds:
    """What a run needs: whether a GPU helps, and memory at most, as measured or None."""

    uses_gpu: bool = False
    gpu_memory_mb: int | None = None
    memory_mb: int | None = None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What ``describe()`` returns; equal to the package's ``medview_card.json``.

    Attributes
    ----------
    id : str
        The entry point's name, e.g. ``"lung-segmentation"``.
    title : str
        For the panel: a short noun phrase.
    summary : str
        For the panel: one or two sentences.
    intended_use : str
        Who may use it for what, and that it is not for diagnosis.
    input : InputSpec
        What it can be run on.
    produces : tuple of str
        Kinds of finding, as named in findings.json.
    code_licence : str
        SPDX identifier.
    weights_licence : str
        SPDX identifier; ``"none"`` where there are no weights.
    publisher : str
        Who answers for it; empty where nobody is named.
    trained_on : tuple of str
        Sentences; empty means that there is nothing trained.
    out_of_scope : tuple of str
        Sentences: what it is not for.
    known_failures : tuple of str
        Sentences: what was seen to go wrong.
    evaluations : tuple of Evaluation
        Only what was measured.
    demonstration : bool
        Marked as such on its layers and in every export.
    weights : tuple of WeightsFile
        Every file of trained weights, whether it ships in the package or is installed.
    precisions : tuple of str
        Arithmetic the networks were checked with; float32 always works.
    device : DeviceNeeds
    network : bool
        Whether a run needs the network; medview asks the user first.
    deterministic : bool
        Whether two runs on the CPU agree bit for bit.
    references : tuple of str
    """

    id: str
    title: str
    summary: str
    intended_use: str
    input: InputSpec
    produces: tuple[FindingName, ...]
    code_licence: str
    weights_licence: str
    publisher: str = ""
    trained_on: tuple[str, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    known_failures: tuple[str, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    demonstration: bool = False
    weights: tuple[WeightsFile, ...] = ()
    precisions: tuple[Precision, ...] = ("float32",)
    device: DeviceNeeds = field(default_factory=DeviceNeeds)
    network: bool = False
    deterministic: bool = True
    references: tuple[str, ...] = ()
