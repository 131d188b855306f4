"""The three hooks of a model plugin, API version 1 (entry-point group ``medview.model.v1``)."""

from __future__ import annotations

from typing import Any

import pluggy

from medview.core.data.image2d import Image2D
from medview.core.data.slide import Slide
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.findings.base import Findings
from medview.core.runctx import RunContext
from medview.host.card import ModelCard
from medview.host.verdict import Verdict

API = "medview.model.v1"
"""Entry-point group; its last part is the major version of this contract."""

hookspec = pluggy.HookspecMarker(API)
hookimpl = pluggy.HookimplMarker(API)


class ModelHooks:
    """What a model implements as module-level functions marked with ``hookimpl``.

    An implementation may leave out arguments it does not use. A module may
    also define ``Params``, a frozen dataclass whose fields are its parameters.
    """

    @hookspec(firstresult=True)
    def describe(self) -> ModelCard:
        """Say what this model is. Quick; must not import torch."""
        raise AssertionError

    @hookspec(firstresult=True)
    def applicable(self, source: SourceInfo) -> Verdict:
        """Say whether the model fits a source, from its description alone.

        Quick; must not import torch. The host has refused before what the card's input
        spec excludes.
        """
        raise AssertionError

    @hookspec(firstresult=True)
    def run(self, source: Volume | Image2D | Slide, params: Any, ctx: RunContext) -> Findings:
        """Compute, on a worker thread or in a worker process; call ``ctx.progress`` often.

        A volume arrives with k, j, i running nearest to Superior, Posterior and
        Left. Results lie on the same grid; the host brings them back.
        """
        raise AssertionError
