r"""Train the 3D network on generated crops; seeded.

``python -m plugins.lung_nodule_detection.training.train_volumes \
    CROPS.npz [--epochs 7] [--out FILE]``
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from medview_lung_nodule_detection.auc import area_under_curve
from medview_lung_nodule_detection.shipped import VOLUME_WEIGHTS
from medview_lung_nodule_detection.volume_network import VolumeNetwork
from safetensors.torch import save_file
from torch import Tensor

SEED = 20261121
BATCH = 96
LABEL_SMOOTHING = 0.04
HELD_BACK = 0.05
WEIGHTS = Path(__file__).parents[1] / "src/medview_lung_nodule_detection/weights" / VOLUME_WEIGHTS


def varied(crops: Tensor, random: np.random.Generator) -> Tensor:
    """Random turn, mirroring, thick slices, cut field of view, brightness and noise."""
    axes = random.permutation(3)
    x = crops.permute(0, 1, *(int(a) + 2 for a in axes))
    flips = [a + 2 for a in range(3) if random.random() < 0.5]
    x = x.flip(flips).contiguous() if flips else x.contiguous()
    x = x.clone()
    for n in range(len(x)):
        if random.random() < 0.25:
            width = int(random.choice([3, 5]))
            one = F.pad(x[n : n + 1], (0, 0, 0, 0, width // 2, width // 2), mode="replicate")
            x[n, :1] = F.avg_pool3d(one, (width, 1, 1), stride=1)[0, :1]
        if random.random() < 0.2:
            _cut(x[n], int(random.integers(2, 16)), int(random.integers(2, 16)))
    size = (len(x), 1, 1, 1, 1)
    contrast = 0.92 + 0.16 * torch.rand(size)
    brightness = (torch.rand(size) - 0.5) * 0.06
    noise = torch.randn_like(x) * 0.04 * torch.rand(size) ** 2
    return x * contrast + brightness + noise


def _cut(crop: Tensor, below: int, above: int) -> None:
    """Beyond a slab's ends its last slices go on, in both channels alike."""
    for channel, voxel in ((0, 1), (1, 2)):
        low, high = max(0, 12 - below // voxel), min(23, 12 + above // voxel)
        crop[channel, :low] = crop[channel, low].clone()
        crop[channel, high + 1 :] = crop[channel, high].clone()


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("crops", type=Path)
    parser.add_argument("--epochs", type=int, default=7)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    torch.manual_seed(SEED)
    random = np.random.default_rng(SEED)
    with np.load(options.crops) as stored:
        crops, labels = torch.from_numpy(stored["crops"]), stored["is_nodule"]
    order = random.permutation(len(labels))
    held = order[: int(HELD_BACK * len(order))]
    use = order[len(held) :]
    target = torch.from_numpy(labels).float() * (1 - LABEL_SMOOTHING) + LABEL_SMOOTHING / 2
    network = VolumeNetwork()
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=1e-2)
    steps = options.epochs * -(-len(use) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 5e-3, total_steps=steps)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    for epoch in range(options.epochs):
        network.train()
        started, total = time.perf_counter(), 0.0
        use = random.permutation(use)
        for start in range(0, len(use), BATCH):
            batch = use[start : start + BATCH]
            logits = network(varied(crops[batch].float() / 255, random))
            loss = F.binary_cross_entropy_with_logits(logits, target[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(batch)
        network.eval()
        with torch.inference_mode():
            parts = [network(crops[b].float() / 255).double() for b in np.array_split(held, 20)]
        auc = area_under_curve(labels[held], torch.cat(parts).numpy())
        print(
            f"epoch {epoch + 1}/{options.epochs} loss {total / len(use):.4f} held {auc:.4f} "
            f"{time.perf_counter() - started:.0f} s",
            flush=True,
        )
        save_file(network.state_dict(), options.out, {"seed": str(SEED)})


if __name__ == "__main__":
    main()
