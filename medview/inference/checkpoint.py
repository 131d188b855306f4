"""Fill a network with the weights of a checkpoint file, which is never unpickled freely."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from medview.core.errors import ModelError, WeightsError

_WRAPPERS = ("model", "state_dict", "network", "model_state_dict", "net")


def state_dict_of(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a checkpoint by name, on the CPU.

    Checkpoints keep them plainly or under ``model``, ``state_dict`` and the like; the prefix
    ``module.`` of parallel training is taken off.

    Raises
    ------
    WeightsError
        If the file holds anything but tensors and plain values, or no tensors.
    """
    try:
        data: Any = torch.load(path, map_location="cpu", weights_only=True)
    # A file that is not what it seems may make the reader raise anything.
    except Exception as error:
        raise WeightsError(
            f"The weights '{path.name}' hold more than numbers, or are damaged, and are not "
            "loaded.",
            code="weights-unsafe",
        ) from error
    for name in _WRAPPERS:
        if isinstance(data, Mapping) and isinstance(data.get(name), Mapping):
            data = data[name]
            break
    if not isinstance(data, Mapping) or not data:
        raise WeightsError(f"The weights '{path.name}' hold no tensors.", code="weights-unsafe")
    found = {str(k).removeprefix("module."): v for k, v in data.items()}
    if not all(isinstance(v, torch.Tensor) for v in found.values()):
        raise WeightsError(f"The weights '{path.name}' hold no tensors.", code="weights-unsafe")
    return found


def fill(network: torch.nn.Module, path: Path) -> torch.nn.Module:
    """Load weights strictly into `network`, put it into evaluation mode and return it.

    Raises
    ------
    WeightsError
        As `state_dict_of`.
    ModelError
        If the names or shapes are not those of the network.
    """
    try:
        network.load_state_dict(state_dict_of(path), strict=True)
    except RuntimeError as error:
        lines = [line.strip() for line in str(error).splitlines()[1:] if line.strip()]
        first = lines[0][:200] if lines else "no details"
        raise ModelError(
            f"The weights '{path.name}' are not those of this network. {first}",
            code="weights-other-network",
        ) from error
    return network.eval()


def load_network(build: Callable[[], torch.nn.Module], path: Path) -> torch.nn.Module:
    """Make a network and `fill` it, with torch's random generators left as they were.

    A new network takes its first weights from the generator of the whole process, which another
    model may be using, and which a run may not move.

    Parameters
    ----------
    build : callable
        Makes the network, on the CPU.
    path : Path
        As ``ctx.weights(name)`` gives it.

    Raises
    ------
    WeightsError, ModelError
        As `fill`.
    """
    with torch.random.fork_rng(devices=()):
        network = build()
    return fill(network, path)
