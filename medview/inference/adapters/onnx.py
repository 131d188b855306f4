"""Run an ONNX file with onnxruntime, behind the same call as a torch network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from medview.core.errors import ModelError
from medview.core.runctx import RunContext


def onnx_network(path: Path, ctx: RunContext) -> Callable[[torch.Tensor], torch.Tensor]:
    """The network of an ONNX file: tensor of a batch in, tensor of scores out.

    It runs on the CPU, and on a CUDA card where the installed onnxruntime can use one.

    Raises
    ------
    ModelError
        If onnxruntime is not installed, cannot read the file, or the network does not take one
        float32 input.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError(
            "ONNX models need the package onnxruntime: install medview-imaging[onnx].",
            code="onnx-missing",
        ) from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    if ctx.reproducible:
        options.use_deterministic_compute = True
    wanted = ["CPUExecutionProvider"]
    if ctx.device.startswith("cuda"):
        wanted.insert(0, "CUDAExecutionProvider")
    providers = [p for p in wanted if p in onnxruntime.get_available_providers()]
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=providers)
    # Its errors are classes of its C++ part with no common base but Exception.
    except Exception as error:
        raise ModelError(
            f"The file {path.name} is no ONNX model that onnxruntime can read.", code="onnx"
        ) from error
    inputs = session.get_inputs()
    if len(inputs) != 1 or inputs[0].type not in ("tensor(float)", "tensor(float16)"):
        raise ModelError(
            f"The network of {path.name} takes {len(inputs)} inputs; medview gives one, of floats.",
            code="onnx",
        )
    name = inputs[0].name
    dtype = np.float16 if inputs[0].type == "tensor(float16)" else np.float32
    first = session.get_outputs()[0].name

    def call(batch: torch.Tensor) -> torch.Tensor:
        values = np.ascontiguousarray(batch.cpu().numpy(), dtype=dtype)
        try:
            (scores,) = session.run([first], {name: values})
        except Exception as error:
            raise ModelError(
                f"The network of {path.name} does not take an input of shape {values.shape}: "
                f"{str(error)[:200]}",
                code="onnx",
            ) from error
        return torch.from_numpy(np.asarray(scores, dtype=np.float32)).to(batch.device)

    return call
