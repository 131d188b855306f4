"""The card says the same in code and in the package's data, and hooks stay light."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
import sys
from importlib import resources
from pathlib import Path

import medview_lung_nodule_detection as plugin

from medview.api import SourceInfo
from medview.host.card_checks import card_problems


def test_the_static_card_equals_the_described_one() -> None:
    text = resources.files(plugin).joinpath("medview_card.json").read_text(encoding="utf-8")
    described = json.loads(json.dumps(dataclasses.asdict(plugin.describe())))
    assert json.loads(text) == described


def test_the_card_keeps_the_rules_of_the_host() -> None:
    assert card_problems(plugin.describe(), "lung-nodule-detection") == []


def test_the_card_names_all_weights_that_ship_so_that_the_host_checks_and_records_them() -> None:
    declared = {w.name: (w.sha256, w.size_bytes) for w in plugin.describe().weights}
    folder = Path(str(resources.files(plugin))) / "weights"
    there = {path.name: path.read_bytes() for path in folder.glob("*.safetensors")}
    assert declared == {
        name: (hashlib.sha256(content).hexdigest(), len(content)) for name, content in there.items()
    }


def test_describing_the_model_imports_nothing_heavy() -> None:
    code = (
        "import sys, medview_lung_nodule_detection as m; m.describe(); "
        "print([n for n in ('torch', 'scipy', 'monai') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_source_of_unknown_size_is_doubtful_with_a_reason() -> None:
    verdict = plugin.applicable(SourceInfo("volume", modality="CT"))
    assert verdict.fit == "doubtful"
    assert verdict.reasons


def test_a_thin_slab_is_doubtful_and_a_whole_chest_fits() -> None:
    thin = SourceInfo("volume", modality="CT", shape=(12, 512, 512), spacing_mm=(1.25, 0.6, 0.6))
    whole = SourceInfo("volume", modality="CT", shape=(300, 512, 512), spacing_mm=(1.0, 0.6, 0.6))
    assert plugin.applicable(thin).fit == "doubtful"
    assert plugin.applicable(whole).fit == "fit"


def test_the_card_refuses_single_slices_and_very_thick_ones() -> None:
    spec = plugin.describe().input
    assert (spec.min_slices, spec.max_spacing_mm, spec.refuse_spacing_mm) == (5, 3.0, 10.0)
