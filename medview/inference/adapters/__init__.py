"""Run models that are files: MONAI bundles, ONNX and TorchScript with a manifest."""

from __future__ import annotations

from typing import Any

from medview.core.data.image2d import Image2D
from medview.core.data.volume import Volume
from medview.core.findings.base import Findings
from medview.core.runctx import RunContext
from medview.host.bundles.installed import InstalledModel
from medview.host.bundles.manifest import Manifest

__all__ = ["run"]


def run(model: InstalledModel, source: Volume | Image2D, params: Any, ctx: RunContext) -> Findings:
    """Run an installed bundle or manifest on one source.

    Parameters
    ----------
    model : InstalledModel
        Its weights come from ``ctx.weights``.
    source : Volume or Image2D
        A volume in canonical axis order.
    params : object or None
        An instance of ``model.params_type``.
    ctx : RunContext

    Returns
    -------
    Findings
        On the grid of `source`.

    Raises
    ------
    ModelError
        If the model needs what medview does not have, or its files do not fit together.
    Cancelled
        If the user stopped the run.
    """
    if isinstance(model.details, Manifest):
        from medview.inference.adapters.manifest import run_manifest

        return run_manifest(model.details, source, ctx)
    from medview.inference.adapters.bundle import run_bundle

    return run_bundle(model, model.details, source, params, ctx)
