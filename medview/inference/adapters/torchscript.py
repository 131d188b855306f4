"""Load a TorchScript file as a network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import torch

from medview.core.errors import ModelError
from medview.core.runctx import RunContext


def torchscript_network(path: Path, ctx: RunContext) -> Callable[[torch.Tensor], torch.Tensor]:
    """The network of a TorchScript file, on the device and in evaluation mode.

    A TorchScript file is a program: only a process of its own may come here.

    Raises
    ------
    ModelError
        If torch cannot read the file.
    """
    try:
        network = torch.jit.load(str(path), map_location="cpu")  # type: ignore[no-untyped-call]
    except (RuntimeError, ValueError) as error:
        raise ModelError(
            f"The file {path.name} is no TorchScript model that this torch can read.",
            code="torchscript",
        ) from error
    moved: Callable[[torch.Tensor], torch.Tensor] = network.to(ctx.device).eval()
    return moved
