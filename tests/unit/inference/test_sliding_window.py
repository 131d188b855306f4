"""The slab-wise sliding window against MONAI's whole-volume one and against the network itself."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from medview.core.errors import UsageError
from medview.core.progress import Cancelled
from medview.inference.sliding_window import WindowPlan, probability, segment, window_starts


@dataclass
class Context:
    """A run context that notes progress and can be cancelled after some calls."""

    device: str = "cpu"
    memory: Any = "normal"
    precision: Any = "float32"
    reproducible: bool = False
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("test"))
    cancel_after: int = 10**9
    seen: list[float] = field(default_factory=list)

    def progress(self, fraction: float | None, text: str = "") -> None:
        self.seen.append(fraction or 0.0)
        if len(self.seen) > self.cancel_after:
            raise Cancelled

    def watch(self, call: Any, total: int) -> Any:
        return call

    def warn(self, code: str, text: str) -> None:
        raise AssertionError(text)

    def weights(self, name: str) -> Path:
        raise AssertionError(name)


def network(classes: int = 4) -> Any:
    torch.manual_seed(1)
    return torch.nn.Sequential(
        torch.nn.Conv3d(1, 6, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv3d(6, classes, 1)
    ).eval()


def volume(shape: tuple[int, int, int]) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(1, *shape)).astype(np.float32)


@pytest.mark.parametrize("blend", ["gaussian", "constant"])
@pytest.mark.parametrize("shape", [(40, 33, 47), (20, 64, 20), (9, 50, 30), (5, 6, 7)])
@pytest.mark.parametrize("memory", ["normal", "tight"])
def test_labels_equal_those_of_a_whole_volume_class_map(
    blend: Any, shape: tuple[int, int, int], memory: Any
) -> None:
    from monai.inferers.utils import sliding_window_inference

    net, image = network(), volume(shape)
    plan = WindowPlan((16, 20, 24), 0.5, blend, batch=3)
    with torch.inference_mode():
        whole = sliding_window_inference(
            torch.from_numpy(image)[None], plan.size, 1, net, overlap=0.5, mode=blend
        )
    expected = whole[0].argmax(0).numpy()
    labels = segment(net, image, plan, Context(memory=memory))
    assert labels.shape == shape
    # Sums of floats in another order may tip exact ties, nothing more.
    assert np.mean(labels == expected) > 0.9995


def test_a_network_that_looks_at_single_voxels_is_not_changed_by_windows() -> None:
    def brightest(batch: Any) -> Any:
        return torch.cat([torch.zeros_like(batch), batch], dim=1)

    image = volume((30, 31, 32))
    labels = segment(brightest, image, WindowPlan((8, 8, 8), 0.25), Context())
    assert np.array_equal(labels, (image[0] > 0).astype(np.uint8))


def test_probability_of_a_pointwise_network_is_its_softmax() -> None:
    def logits(batch: Any) -> Any:
        return torch.cat([torch.zeros_like(batch), batch], dim=1)

    image = volume((12, 20, 18))
    p = probability(logits, image, WindowPlan((8, 8, 8), 0.5), Context())
    assert np.allclose(p, 1 / (1 + np.exp(-image[0])), atol=1e-5)


def test_progress_rises_from_zero_to_one() -> None:
    ctx = Context()
    segment(network(), volume((30, 30, 30)), WindowPlan((16, 16, 16)), ctx)
    assert ctx.seen == sorted(ctx.seen)
    assert ctx.seen[0] == 0
    assert ctx.seen[-1] == 1


def test_cancelling_stops_before_the_next_window() -> None:
    ctx = Context(cancel_after=2)
    with pytest.raises(Cancelled):
        segment(network(), volume((40, 40, 40)), WindowPlan((16, 16, 16)), ctx)
    assert len(ctx.seen) == 3


def test_windows_reach_both_ends_of_an_axis() -> None:
    assert window_starts(100, 40, 0.25) == [0, 30, 60]
    assert window_starts(101, 40, 0.25) == [0, 30, 60, 61]
    assert window_starts(10, 40, 0.25) == [0]


def test_a_plan_that_would_never_advance_is_refused() -> None:
    with pytest.raises(UsageError):
        WindowPlan((8, 8, 8), overlap=1.0)
