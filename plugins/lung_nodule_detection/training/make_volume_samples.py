r"""Generate the crops that train the 3D network; seeded.

``python -m plugins.lung_nodule_detection.training.make_volume_samples \
    DATA OUT.npz [--phantoms 6]``

DATA is the folder that holds ``chest_ct_train``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from plugins.lung_nodule_detection.training.backgrounds import backgrounds
from plugins.lung_nodule_detection.training.volume_samples import samples

POSITIVES, DRAWN, HITS = {True: 2000, False: 700}, {True: 700, False: 250}, {True: 3500, False: 800}


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--phantoms", type=int, default=6)
    options = parser.parse_args()
    parts = []
    for seed, background in enumerate(backgrounds(options.data, options.phantoms)):
        real = background.is_real
        part = samples(background, POSITIVES[real], DRAWN[real], HITS[real], seed)
        print(background.name, len(part.crops), int(part.is_nodule.sum()), flush=True)
        parts.append(part)
    np.savez(
        options.out,
        crops=np.concatenate([p.crops for p in parts]),
        is_nodule=np.concatenate([p.is_nodule for p in parts]),
        is_real=np.concatenate([p.is_real for p in parts]),
    )


if __name__ == "__main__":
    main()
