"""The pyramid without torchvision: names and maps of the layers that it taps."""

from __future__ import annotations

import sys

import pytest
import torch
from monai.networks.nets.resnet import ResNet

from medview.inference.feature_pyramid import FeaturePyramid, LayerTap, torchvision_spared

pytestmark = pytest.mark.torch


def backbone() -> ResNet:
    torch.manual_seed(0)
    return ResNet("basic", [1, 1, 1, 1], [4, 8, 16, 32], n_input_channels=1).eval()


def test_tapped_layers_give_what_the_network_computes_there() -> None:
    net = backbone()
    image = torch.rand(1, 1, 32, 32, 32)
    with torch.no_grad():
        first = net.layer1(net.maxpool(net.act(net.bn1(net.conv1(image)))))
        found = LayerTap(net, {"layer1": "0", "layer2": "1"})(image)
        torch.testing.assert_close(found["0"], first)
        torch.testing.assert_close(found["1"], net.layer2(first))
    assert list(found) == ["0", "1"]


def test_layers_keep_their_names_and_later_ones_are_left_out() -> None:
    names = set(FeaturePyramid(backbone(), [1, 2]).state_dict())
    assert "body.layer2.0.conv1.weight" in names
    assert "fpn.inner_blocks.1.weight" in names
    assert not any(name.startswith("body.layer3") for name in names)


def test_a_layer_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="layer9"):
        LayerTap(backbone(), {"layer9": "0"})


@pytest.mark.skipif("torchvision" in sys.modules, reason="torchvision is installed here")
def test_monai_builds_the_same_pyramid_while_torchvision_is_spared() -> None:
    from monai.apps.detection.networks import retinanet_network

    before = retinanet_network._validate_trainable_layers
    with torchvision_spared():
        theirs = retinanet_network.resnet_fpn_feature_extractor(
            backbone(), 3, False, [1, 2], None
        ).eval()
    assert retinanet_network._validate_trainable_layers is before
    ours = FeaturePyramid(backbone(), [1, 2]).eval()
    ours.load_state_dict(theirs.state_dict())
    image = torch.rand(1, 1, 32, 32, 32)
    with torch.no_grad():
        a, b = ours(image), theirs(image)
    assert list(a) == list(b)
    for name in a:
        torch.testing.assert_close(a[name], b[name])
