"""The card says the same in code and in the package's data, and hooks stay light."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from importlib import resources

import medview_lung_segmentation as plugin
import numpy as np
from medview_lung_segmentation.segmentation import CHEST_MM

from medview.api import Grid, Intensity, SourceInfo
from medview.host.card_checks import card_problems
from medview.host.fit import host_verdict


def test_the_static_card_equals_the_described_one() -> None:
    text = resources.files(plugin).joinpath("medview_card.json").read_text(encoding="utf-8")
    described = json.loads(json.dumps(dataclasses.asdict(plugin.describe())))
    assert json.loads(text) == described


def test_the_card_keeps_the_rules_of_the_host() -> None:
    assert card_problems(plugin.describe(), "lung-segmentation") == []


def test_describing_the_model_imports_nothing_heavy() -> None:
    code = (
        "import sys, medview_lung_segmentation as m; m.describe(); "
        "print([n for n in ('torch', 'scipy', 'monai') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def on_slices_of_1_mm(count: int) -> SourceInfo:
    matrix = np.diag([0.6, 0.6, 1.0, 1.0])[:, [2, 1, 0, 3]]
    ct = SourceInfo("volume", modality="CT", intensity=Intensity.HOUNSFIELD)
    return ct.on_grid(Grid((count, 512, 512), matrix))


def test_less_than_the_network_knows_is_doubtful_and_a_whole_chest_fits() -> None:
    spec = plugin.describe().input
    slab = host_verdict(spec, on_slices_of_1_mm(99))
    assert slab.fit == "doubtful"
    assert "99 mm from head to foot" in slab.reasons[0]
    assert host_verdict(spec, on_slices_of_1_mm(300)).fit == "fit"


def test_the_card_asks_for_the_height_from_which_on_the_network_is_asked() -> None:
    assert plugin.describe().input.min_coverage_mm == CHEST_MM
