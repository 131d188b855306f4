"""The networks whose weights ship in this package, and where those lie."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from medview.api import inference

if TYPE_CHECKING:
    from torch import nn

    from medview_lung_nodule_detection.patch_network import PatchNetwork
    from medview_lung_nodule_detection.volume_network import VolumeNetwork

PATCH_WEIGHTS = "patch_network.safetensors"
VOLUME_WEIGHTS = "volume_network.safetensors"

N = TypeVar("N", bound="nn.Module")


def shipped_weights() -> dict[str, Path]:
    """The files by name, for what runs without a host that checks them, such as evaluations."""
    folder = Path(str(files("medview_lung_nodule_detection"))) / "weights"
    return {name: folder / name for name in (PATCH_WEIGHTS, VOLUME_WEIGHTS)}


def load_patch_network(path: Path, device: str = "cpu") -> PatchNetwork:
    """The 2D patch network with the weights of a file, in evaluation mode."""
    inference.import_torch()
    from medview_lung_nodule_detection.patch_network import PatchNetwork

    return _filled(PatchNetwork(), path, device)


def load_volume_network(path: Path, device: str = "cpu") -> VolumeNetwork:
    """The 3D network with the weights of a file, in evaluation mode."""
    inference.import_torch()
    from medview_lung_nodule_detection.volume_network import VolumeNetwork

    return _filled(VolumeNetwork(), path, device)


def _filled(network: N, path: Path, device: str) -> N:
    from safetensors.torch import load_file

    network.load_state_dict(load_file(path, device=device))
    return network.to(device).eval()
