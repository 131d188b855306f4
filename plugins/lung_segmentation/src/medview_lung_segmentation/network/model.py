"""The network's architecture and its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import torch

CLASSES = 3
"""Background, right lung, left lung."""

WINDOW = (64, 64, 96)
"""Voxels (k, j, i) of 4 mm that the network was trained on."""

WEIGHTS = "lungs_4mm.safetensors"


def build() -> torch.nn.Module:
    """A U-Net of 0.34 million parameters with random weights, for what `channels` gives.

    Every axis must be a multiple of eight voxels.
    """
    from medview.api import inference

    (unet,) = inference.import_monai("networks.nets.unet")
    network: torch.nn.Module = unet.UNet(
        spatial_dims=3,
        in_channels=2,
        out_channels=CLASSES,
        channels=(12, 24, 48, 96),
        strides=(2, 2, 2),
        num_res_units=1,
        norm="INSTANCE",
        act="LEAKYRELU",
    )
    return network


def load(path: Path) -> torch.nn.Module:
    """The network with the weights of a safetensors file, ready to predict."""
    # First of all: a plain import of torch would hold every other thread for 150 ms at a time.
    from medview.api import inference  # isort: split
    from safetensors.torch import load_file

    torch = inference.torch
    # Without memory no random weights are drawn, which would move the generator of the process.
    with torch.device("meta"):
        network = build()
    network.load_state_dict(load_file(path), assign=True)
    return network.eval()
