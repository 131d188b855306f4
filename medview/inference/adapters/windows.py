"""How a bundle's inferer cuts a volume, as a plan for medview's own sliding window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from medview.core.errors import ModelError
from medview.inference.sliding_window import Triple, WindowPlan


def plan_of(inferer: Any, shape: tuple[int, ...]) -> WindowPlan:
    """The plan that an inferer stands for.

    Parameters
    ----------
    inferer : monai.inferers.Inferer or None
        A sliding window, or a simple one that takes the volume at once.
    shape : (int, int, int)
        Of the volume.

    Raises
    ------
    ModelError
        If it is of another kind, which would run code that knows nothing of cancelling.
    """
    kinds = {c.__name__ for c in type(inferer).__mro__}
    if inferer is None or "SimpleInferer" in kinds:
        return WindowPlan(_triple(shape), overlap=0.0, blend="constant")
    if "SlidingWindowInferer" not in kinds:
        raise ModelError(
            f"The bundle looks at volumes with {type(inferer).__name__}, which medview does not "
            "know.",
            code="bundle-inferer",
        )
    size = _sizes(inferer.roi_size, shape)
    overlap = inferer.overlap
    share = float(overlap if isinstance(overlap, int | float) else max(overlap))
    mode = str(getattr(inferer.mode, "value", inferer.mode))
    padding = str(getattr(inferer.padding_mode, "value", inferer.padding_mode))
    return WindowPlan(
        size,
        overlap=share,
        blend="gaussian" if mode == "gaussian" else "constant",
        batch=max(1, int(inferer.sw_batch_size)),
        padding="replicate" if padding == "replicate" else "constant",
    )


def scores_of(network: Callable[..., Any], key: str) -> Callable[[torch.Tensor], torch.Tensor]:
    """The network with one tensor as result, whatever it wraps it in."""

    def call(batch: torch.Tensor) -> torch.Tensor:
        result = network(batch)
        if isinstance(result, list | tuple):
            result = result[0]  # deep supervision: the full resolution comes first
        elif isinstance(result, dict):
            result = result[key] if key in result else next(iter(result.values()))
        if not isinstance(result, torch.Tensor):
            raise ModelError("The network returns no tensor of scores.", code="bundle-output")
        return result.as_subclass(torch.Tensor)

    return call


def _sizes(given: Any, shape: tuple[int, ...]) -> Triple:
    values = list(given) if isinstance(given, list | tuple) else [given] * 3
    return _triple([int(v) if v and int(v) > 0 else n for v, n in zip(values, shape, strict=True)])


def _triple(values: Any) -> Triple:
    k, j, i = (int(v) for v in values)
    return k, j, i
