"""Hooks of a model that is a file (MONAI bundle, ONNX, TorchScript), for the package around it."""

from __future__ import annotations

import importlib
from importlib.resources import files
from pathlib import Path
from typing import Any

from medview.core.data.image2d import Image2D
from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.findings.base import Findings
from medview.core.runctx import RunContext
from medview.host.bundles.installed import InstalledModel, read_installed
from medview.host.card import ModelCard
from medview.host.spec import hookimpl
from medview.host.verdict import Verdict


class BundledModel:
    """The three hooks of a model whose files lie beside the module that makes this.

    Reading them here is static; what a bundle brings as code is evaluated by `run` alone.

    Parameters
    ----------
    package : str
        Import name of that module.
    """

    def __init__(self, package: str) -> None:
        self._model: InstalledModel = read_installed(Path(str(files(package))))
        self.Params = self._model.params_type
        if self.Params is not None:
            # Where it is found by this name, so that parameters can be pickled.
            self.Params.__module__, self.Params.__qualname__ = package, "model.Params"

    @hookimpl
    def describe(self) -> ModelCard:
        """The card as it was shown before the model was installed."""
        return self._model.card

    @hookimpl
    def applicable(self, source: SourceInfo) -> Verdict:
        """Whether the channels of an image fit; the host has checked the card's input spec."""
        if source.kind == "image":
            is_rgb = source.intensity is Intensity.RGB
            if is_rgb and self._model.details.channels == 1:
                return Verdict.unfit("It takes grey images, and this one is in colour.")
        return Verdict.fits()

    @hookimpl
    def run(self, source: Volume | Image2D, params: Any, ctx: RunContext) -> Findings:
        """Run the model's network and bring its result to the source."""
        adapters = importlib.import_module("medview.inference.adapters")
        findings: Findings = adapters.run(self._model, source, params, ctx)
        return findings
