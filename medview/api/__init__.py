"""All that a plugin package may import from medview; a promise, told in docs/plugin_api.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from medview.core.data.image2d import Image2D
from medview.core.data.intensity import Intensity
from medview.core.data.series import SlideLevel
from medview.core.data.slide import Slide
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.errors import GeometryError, ModelError, UnfitError, WeightsError
from medview.core.findings.base import Findings
from medview.core.findings.detections import Detection, Detections, Quantity
from medview.core.findings.grades import Grade, Grades
from medview.core.findings.heatmap import Heatmap
from medview.core.findings.labelmap import Code, Label, LabelMap
from medview.core.findings.measurements import Measurements
from medview.core.findings.tiles import TileScores
from medview.core.geometry.grid import Grid
from medview.core.geometry.resample import resample
from medview.core.notice import Notice
from medview.core.progress import Cancelled
from medview.core.runctx import RunContext
from medview.host.card import DeviceNeeds, Evaluation, InputSpec, ModelCard, WeightsFile
from medview.host.card_json import read_card
from medview.host.params import param
from medview.host.spec import API, hookimpl
from medview.host.verdict import Verdict

if TYPE_CHECKING:
    from medview import inference as inference

# Without `inference`: a star import would import torch.
__all__ = [
    "API",
    "Cancelled",
    "Code",
    "Detection",
    "Detections",
    "DeviceNeeds",
    "Evaluation",
    "Findings",
    "GeometryError",
    "Grade",
    "Grades",
    "Grid",
    "Heatmap",
    "Image2D",
    "InputSpec",
    "Intensity",
    "Label",
    "LabelMap",
    "Measurements",
    "ModelCard",
    "ModelError",
    "Notice",
    "Quantity",
    "RunContext",
    "Slide",
    "SlideLevel",
    "SourceInfo",
    "TileScores",
    "UnfitError",
    "Verdict",
    "Volume",
    "WeightsError",
    "WeightsFile",
    "hookimpl",
    "param",
    "read_card",
    "resample",
]


def __getattr__(name: str) -> Any:
    # The torch toolkit is reached lazily: importing this facade must stay light.
    if name == "inference":
        import importlib

        return importlib.import_module("medview.inference")
    raise AttributeError(f"module 'medview.api' has no attribute '{name}'")
