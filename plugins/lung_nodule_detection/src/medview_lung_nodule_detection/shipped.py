"""Loads the networks whose weights ship in this package."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import TYPE_CHECKING, TypeVar

from medview.api import inference

if TYPE_CHECKING:
    from torch import nn

    from medview_lung_nodule_detection.patch_network import PatchNetwork
    from medview_lung_nodule_detection.volume_network import VolumeNetwork

PATCH_WEIGHTS = "patch_network.safetensors"
VOLUME_WEIGHTS = "volume_network.safetensors"

N = TypeVar("N", bound="nn.Module")


def load_patch_network(device: str = "cpu") -> PatchNetwork:
    """The trained 2D patch network in evaluation mode."""
    inference.import_torch()
    from medview_lung_nodule_detection.patch_network import PatchNetwork

    return _filled(PatchNetwork(), PATCH_WEIGHTS, device)


def load_volume_network(device: str = "cpu") -> VolumeNetwork:
    """The trained 3D network in evaluation mode."""
    inference.import_torch()
    from medview_lung_nodule_detection.volume_network import VolumeNetwork

    return _filled(VolumeNetwork(), VOLUME_WEIGHTS, device)


def _filled(network: N, name: str, device: str) -> N:
    from safetensors.torch import load_file

    with as_file(files("medview_lung_nodule_detection") / "weights" / name) as path:
        network.load_state_dict(load_file(path, device=device))
    return network.to(device).eval()
