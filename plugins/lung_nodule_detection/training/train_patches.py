r"""Train the 2D patch network on a folder of labelled LUNA16 patches; seeded.

``python -m plugins.lung_nodule_detection.training.train_patches \
    DIR [--folds] [--epochs 22] [--out FILE]``

Without ``--folds`` the last fifth of the candidate rows is held back and
measured, and the weights are written. With it, five contiguous blocks of rows
are held back in turn and only the AUCs are printed.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from medview_lung_nodule_detection.auc import auc_with_interval
from medview_lung_nodule_detection.labelled_patches import LabelledPatches, read_labelled_patches
from medview_lung_nodule_detection.patch_network import PatchNetwork, averaged_score
from medview_lung_nodule_detection.shipped import PATCH_WEIGHTS
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

SEED = 20261121
BATCH = 128
LABEL_SMOOTHING = 0.04
WEIGHTS = Path(__file__).parents[1] / "src/medview_lung_nodule_detection/weights" / PATCH_WEIGHTS


def varied(patches: Tensor) -> Tensor:
    """Random turn, mirroring, zoom, shift, brightness, contrast and noise of each patch."""
    n = len(patches)
    angle = torch.rand(n) * 2 * np.pi
    zoom = torch.exp((torch.rand(n) - 0.5) * 0.5)
    mirror = torch.where(torch.rand(n) < 0.5, -1.0, 1.0)
    affine = torch.zeros(n, 2, 3)
    affine[:, 0, 0] = torch.cos(angle) * zoom * mirror
    affine[:, 0, 1] = -torch.sin(angle) * zoom
    affine[:, 1, 0] = torch.sin(angle) * zoom * mirror
    affine[:, 1, 1] = torch.cos(angle) * zoom
    affine[:, :, 2] = (torch.rand(n, 2) - 0.5) * 0.12
    places = F.affine_grid(affine, list(patches.shape), align_corners=False)
    moved = F.grid_sample(patches, places, align_corners=False, padding_mode="border")
    contrast = 0.9 + 0.2 * torch.rand(n, 1, 1, 1)
    brightness = (torch.rand(n, 1, 1, 1) - 0.5) * 0.1
    noise = torch.randn_like(moved) * 0.02 * torch.rand(n, 1, 1, 1)
    return moved * contrast + brightness + noise


def train(patches: LabelledPatches, use: NDArray[np.intp], epochs: int) -> PatchNetwork:
    """Train on the patches with the indices `use`."""
    torch.manual_seed(SEED)
    random = np.random.default_rng(SEED)
    images = torch.from_numpy(patches.pixels).float()[:, None] / 255
    labels = torch.from_numpy(patches.is_nodule).float()
    target = labels * (1 - LABEL_SMOOTHING) + LABEL_SMOOTHING / 2
    network = PatchNetwork()
    optimiser = torch.optim.AdamW(network.parameters(), weight_decay=1e-2)
    steps = epochs * -(-len(use) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    for epoch in range(epochs):
        network.train()
        started, total = time.perf_counter(), 0.0
        order = random.permutation(use)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            logits = network(varied(images[batch]))
            loss = F.binary_cross_entropy_with_logits(logits, target[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(batch)
        print(
            f"epoch {epoch + 1}/{epochs} loss {total / len(use):.4f} "
            f"{time.perf_counter() - started:.0f} s",
            flush=True,
        )
    return network.eval()


def measure(
    network: PatchNetwork, patches: LabelledPatches, use: NDArray[np.intp]
) -> dict[str, object]:
    """AUC of a trained network on the patches with the indices `use`."""
    images = torch.from_numpy(patches.pixels[use]).float()[:, None] / 255
    with torch.inference_mode():
        score = averaged_score(network, images).double().numpy()
    auc = auc_with_interval(patches.is_nodule[use], score, patches.row[use])
    rows = patches.row[use]
    return {
        "auc": round(auc.value, 4),
        "low": round(auc.low, 4),
        "high": round(auc.high, 4),
        "n": auc.n,
        "nodules": int(patches.is_nodule[use].sum()),
        "rows": [int(rows.min()), int(rows.max())],
    }


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--folds", action="store_true")
    parser.add_argument("--epochs", type=int, default=22)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    patches = read_labelled_patches(options.folder)
    blocks = np.array_split(np.argsort(patches.row, kind="stable"), 5)
    for held_back in range(5) if options.folds else [4]:
        rest = np.concatenate([b for n, b in enumerate(blocks) if n != held_back])
        network = train(patches, rest, options.epochs)
        print(json.dumps({"held_back": held_back, **measure(network, patches, blocks[held_back])}))
    if not options.folds:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        save_file(network.state_dict(), options.out, {"seed": str(SEED)})
        print(f"wrote {options.out.name}, {options.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
