"""A ResNet with a feature pyramid, as MONAI's RetinaNet takes it, without torchvision.

MONAI builds it with two private functions of torchvision, a package of which
every version belongs to one build of torch. They are a few lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import torch
from torch import nn

from medview.inference.cold_start import import_monai

OUT_CHANNELS = 256


class LayerTap(nn.ModuleDict):
    """A network up to the last layer of interest; gives what those layers give, by name.

    The layers keep the names that they have in the network, so that published weights fit.

    Parameters
    ----------
    network : torch.nn.Module
        Whose children run one after the other.
    return_layers : mapping of str to str
        Name of the child, and name that its result gets.
    """

    def __init__(self, network: nn.Module, return_layers: Mapping[str, str]) -> None:
        waiting = set(return_layers)
        layers: dict[str, nn.Module] = {}
        for name, child in network.named_children():
            if not waiting:
                break
            layers[name] = child
            waiting.discard(name)
        if waiting:
            raise ValueError(f"The network has no layer {sorted(waiting)[0]}.")
        super().__init__(layers)
        self.return_layers = dict(return_layers)

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        """Results of the layers of interest, finest first."""
        found: dict[str, torch.Tensor] = {}
        for name, layer in self.items():
            x = layer(x)
            if name in self.return_layers:
                found[self.return_layers[name]] = x
        return found


class FeaturePyramid(nn.Module):
    """Feature maps of a 3D ResNet on several scales (Lin et al., arXiv 1612.03144).

    Parameters
    ----------
    backbone : monai.networks.nets.resnet.ResNet
    returned_layers : sequence of int
        Of 1..4; a coarser map, made by pooling, is added.
    """

    def __init__(self, backbone: Any, returned_layers: Sequence[int]) -> None:
        super().__init__()
        (pyramid,) = import_monai("networks.blocks.feature_pyramid_network")
        self.body = LayerTap(backbone, {f"layer{k}": str(n) for n, k in enumerate(returned_layers)})
        first = backbone.in_planes // 8
        self.fpn = pyramid.FeaturePyramidNetwork(
            spatial_dims=3,
            in_channels_list=[first * 2 ** (k - 1) for k in returned_layers],
            out_channels=OUT_CHANNELS,
            extra_blocks=pyramid.LastLevelMaxPool(3),
        )
        self.out_channels = OUT_CHANNELS

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        """Feature maps by name, finest first."""
        maps: dict[str, torch.Tensor] = self.fpn(self.body(x))
        return maps


@contextmanager
def torchvision_spared() -> Iterator[None]:
    """Let MONAI build pyramids with the class above, where torchvision is not installed.

    For processes that run one foreign config; it changes modules of MONAI meanwhile.
    """
    if find_spec("torchvision") is not None:
        yield
        return
    utils, networks = import_monai(
        "networks.blocks.backbone_fpn_utils", "apps.detection.networks.retinanet_network"
    )
    names = ((utils, "torchvision_models"), (networks, "_validate_trainable_layers"))
    before = [getattr(module, name) for module, name in names]
    getter = SimpleNamespace(IntermediateLayerGetter=LayerTap)
    stand_ins = (SimpleNamespace(_utils=getter), _trainable_layers)
    for (module, name), value in zip(names, stand_ins, strict=True):
        setattr(module, name, value)
    try:
        yield
    finally:
        for (module, name), value in zip(names, before, strict=True):
            setattr(module, name, value)


def _trainable_layers(
    is_trained: bool, trainable: int | None, max_value: int, default_value: int
) -> int:
    """How many layers training would change: all of them where nothing was trained before."""
    if not is_trained:
        return max_value
    return default_value if trainable is None else trainable
