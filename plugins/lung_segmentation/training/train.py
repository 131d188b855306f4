"""Train the network, in two stages, and write its weights."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from medview_lung_segmentation.network.model import build
from safetensors.torch import load_file, save_file
from torch.nn import functional

from medview.api import inference
from plugins.lung_segmentation.training.augment import crop
from plugins.lung_segmentation.training.cases import REAL_CASES, Case, generated_case, real_case
from plugins.lung_segmentation.training.stages import STAGES, Stage

_BATCH = 2
_REAL_SHARE = 0.5
_DENSE = 0.4
"""About -375 HU, on the network's scale of 0..1."""
_BESIDE_WEIGHT = 1.0
_BESIDE_VOXELS = 4


def train(
    network: torch.nn.Module, real: list[Case], generated: list[Case], stage: Stage, seed: int
) -> None:
    """Fit `network` to random crops; tells the loss now and then."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    (losses,) = inference.import_monai("losses.dice")
    network.train()
    overlap = losses.DiceLoss(to_onehot_y=True, softmax=True, include_background=False)
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, stage.peak, total_steps=stage.steps, pct_start=0.15
    )
    started, recent = time.monotonic(), []
    for step in range(1, stage.steps + 1):
        pools = [real if rng.random() < _REAL_SHARE else generated for _ in range(_BATCH)]
        examples = [crop(pool[rng.integers(len(pool))], stage, rng) for pool in pools]
        images = torch.stack([x for x, _ in examples])
        truth = torch.stack([y for _, y in examples])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = network(images)
        scores = scores.float()
        value = overlap(scores, truth) + _weighted(scores, images, truth, stage.dense_weight)
        optimizer.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        schedule.step()
        recent.append(value.item())
        if step % 50 == 0 or step == stage.steps:
            seconds = time.monotonic() - started
            print(f"step {step} loss {np.mean(recent):.4f} after {seconds:.0f} s", flush=True)
            recent.clear()


def _weighted(
    scores: torch.Tensor, images: torch.Tensor, truth: torch.Tensor, dense_weight: float
) -> torch.Tensor:
    """Cross entropy in which dense lung and the soft tissue beside lungs count more than air.

    Both look alike and are told apart by where they lie; without the second
    weight the network takes the heart's border and the chest wall for disease.
    """
    each = functional.cross_entropy(scores, truth[:, 0].long(), reduction="none")
    lungs, soft = truth[:, 0] > 0, images[:, 0] > _DENSE
    size = 2 * _BESIDE_VOXELS + 1
    near = functional.max_pool3d(lungs.float()[:, None], size, 1, _BESIDE_VOXELS)[:, 0] > 0
    weight = 1 + dense_weight * (lungs & soft) + _BESIDE_WEIGHT * (near & ~lungs & soft)
    return (each * weight).sum() / weight.sum()


def main() -> None:
    """Read the arguments, build the cases and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with chest_ct_train")
    parser.add_argument("out", type=Path, help="safetensors file to write")
    parser.add_argument("--without", choices=REAL_CASES, help="real case to leave out")
    parser.add_argument("--after-first", type=Path, help="weights of the first stage, to go on")
    parser.add_argument("--phantoms", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    rng = np.random.default_rng(args.seed + 1)
    real = [real_case(args.data, name) for name in REAL_CASES if name != args.without]
    generated = [generated_case(rng, f"generated {n}") for n in range(args.phantoms)]
    torch.manual_seed(args.seed)
    network = build()
    first = 0
    if args.after_first is not None:
        network.load_state_dict(load_file(args.after_first))
        first = 1
    for number, stage in enumerate(STAGES[first:], start=first):
        train(network, real, generated, stage, args.seed + number)
        keep(network, args.out)


def keep(network: torch.nn.Module, out: Path) -> None:
    """Write the weights."""
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, out)


if __name__ == "__main__":
    main()
