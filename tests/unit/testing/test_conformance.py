"""Every check of the conformance kit is failed by a model with that one fault, and by no other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from textwrap import dedent

import pytest

from medview.host.handle import ModelHandle
from medview.testing import conformance
from medview.testing.phantoms import ball_phantom
from tests.fake_models import FakeSite, fake_site

site = pytest.fixture(fake_site)

CARD = {
    "title": "Bright voxels",
    "summary": "Marks what is above a threshold.",
    "intended_use": "For tests. Not for diagnosis.",
    "input": {"kind": "volume", "modalities": ["CT"]},
    "produces": ["labelmap"],
    "code_licence": "Apache-2.0",
    "weights_licence": "none",
}

GOOD = """
def stages(ctx):
    ctx.progress(0.1, "Looking")
    ctx.progress(0.9, "Writing")

@hookimpl
def run(source, ctx):
    stages(ctx)
    mask = (source.array > -500).astype(np.uint8)
    return Findings(LabelMap("Bright", mask, LABELS))
"""


def installed(
    site: FakeSite, source: str, *, card: Mapping[str, object] | None = None
) -> ModelHandle:
    """A model from source, with the static card that belongs to it, or with `card` changed."""
    (site.folder / "gpu_for_all.py").write_text(NO_GPU, "utf-8")
    module = site.add(source)
    (distribution,) = site.installed
    handle = conformance.find_model(
        "bright", allow=frozenset({distribution.metadata["Name"]}), installed=site.installed
    )
    text = json.dumps(CARD | {"id": "bright"} | dict(card or {}))
    (site.folder / module / "medview_card.json").write_text(text, "utf-8")
    return handle


def outcome(handle: ModelHandle) -> dict[str, bool | None]:
    results = conformance.check_model(handle, lambda grid: ball_phantom(grid, radius_mm=60))
    assert all(result.words for result in results)
    return {result.check: result.passed for result in results}


def failed(results: dict[str, bool | None]) -> list[str]:
    return [check for check, passed in results.items() if passed is False]


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


FAULTS = {
    "light-import": "import SimpleITK\n" + GOOD,
    "hooks": GOOD + "\n@hookimpl\ndef runn(source):\n    return None\n",
    "card": GOOD + '\nCARD["weights_licence"] = ""\n',
    "applicable": GOOD
    + dedent(
        """
        @hookimpl
        def applicable(source):
            return Verdict.fits() if source.spacing_mm[0] < 10 else Verdict.doubtful("Thick.")
        """
    ),
    "cpu": changed("stages(ctx)\n    mask", "stages(ctx)\n    import gpu_for_all\n    mask"),
    "network": changed(
        "stages(ctx)\n    mask",
        "stages(ctx)\n    import socket\n    socket.create_connection(('192.0.2.1', 80))\n    mask",
    ),
    "memory": changed(
        "stages(ctx)\n    mask",
        "stages(ctx)\n    if ctx.memory == 'tight':\n        raise ValueError('what?')\n    mask",
    ),
    "findings": changed("(np.uint8)", "(np.uint8) * 3"),
    "source-untouched": changed(
        "stages(ctx)\n    mask", "stages(ctx)\n    np.random.rand()\n    mask"
    ),
    "geometry": changed(
        "mask = (source.array > -500).astype(np.uint8)",
        "mask = np.zeros(source.array.shape, np.uint8)\n    mask[5:12, 5:20, 5:20] = 1",
    ),
    "cancel": changed(
        "    stages(ctx)\n    mask",
        "    try:\n        stages(ctx)\n    except BaseException:\n        pass\n    mask",
    ),
    "progress": changed("ctx.progress(0.1", "ctx.progress(0.95"),
    "deterministic": changed(
        "np.uint8)\n    return",
        "np.uint8)\n    mask[0, 0, 0] = COUNT.append(1) or len(COUNT) % 2\n    return",
    )
    + "COUNT = []\n",
    "independent": changed(
        "mask = (source.array > -500).astype(np.uint8)",
        "shape = source.array.shape\n    if shape not in KEPT:\n"
        "        KEPT[shape] = (source.array > -500).astype(np.uint8)\n"
        "    mask = KEPT[shape].copy()",
    )
    + "KEPT = {}\n",
    "ends": "import threading, time\n"
    + changed(
        "stages(ctx)\n    mask",
        "stages(ctx)\n    def go():\n        for n in range(15):\n"
        "            time.sleep(0.2)\n            ctx.log.info('alive')\n"
        "    threading.Thread(target=go, daemon=True).start()\n    mask",
    ),
    "picklable": changed(
        "return Findings(",
        "class Name(str):\n        pass\n    return Findings(",
    ).replace('LabelMap("Bright"', 'LabelMap(Name("Bright")'),
}
"""One model for each check, with the one fault that the check is there for."""

NO_GPU = 'raise RuntimeError("Found no NVIDIA driver on your system.")'

SUBTLE_FAULTS = {
    "an argument that medview does not give": (
        "hooks",
        changed("def run(source, ctx)", "def run(source, image, ctx)"),
    ),
    "a hook without its mark": ("hooks", changed("@hookimpl\ndef run", "def run")),
    "a parameter that no form can show": (
        "hooks",
        GOOD + "\n@dataclass(frozen=True)\nclass Params:\n    sizes: list = None\n",
    ),
    "weights without a licence": (
        "card",
        GOOD + "\nCARD['weights'] = (WeightsFile('net.pt', 'a' * 64, '', 1, required=False),)\n",
    ),
    "describe raises": ("card", GOOD + "\nCARD['no_such_field'] = 1\n"),
    "applicable asks for pixels": (
        "applicable",
        GOOD + "\n@hookimpl\ndef applicable(source):\n    return Verdict.fits(source.array)\n",
    ),
    "applicable brings a heavy library": (
        "applicable",
        GOOD
        + "\n@hookimpl\ndef applicable(source):\n    import SimpleITK\n    return Verdict.fits()\n",
    ),
    "a port is opened at import": (
        "network",
        "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n" + GOOD,
    ),
    "a name is looked up at import, and its failure is passed over": (
        "network",
        "import socket\ntry:\n    socket.getaddrinfo('example.org', 80)\n"
        "except OSError:\n    pass\n" + GOOD,
    ),
    "want of memory is passed over": (
        "memory",
        changed(
            "stages(ctx)\n    mask",
            "stages(ctx)\n    if ctx.memory == 'tight':\n        try:\n"
            "            np.ones(50 << 30, np.uint8)\n        except MemoryError:\n"
            "            return Findings()\n    mask",
        ),
    ),
    "an endless import is ended by its exit": ("light-import", "raise SystemExit(3)\n" + GOOD),
    "the interpreter is ended at import": ("light-import", "import os\nos._exit(3)\n" + GOOD),
    "progress goes back": (
        "progress",
        changed('ctx.progress(0.9, "Writing")', 'ctx.progress(0.05, "Writing")'),
    ),
}


def test_a_good_model_passes_every_check(site):
    results = outcome(installed(site, GOOD))
    assert results == dict.fromkeys(conformance.CHECKS, True)


def test_there_is_a_fault_for_every_check():
    assert set(FAULTS) == set(conformance.CHECKS)


@pytest.mark.parametrize("check", sorted(FAULTS))
def test_a_model_with_one_fault_fails_just_the_check_of_that_fault(site, check):
    results = outcome(installed(site, FAULTS[check]))
    assert failed(results) == [check]


@pytest.mark.parametrize("fault", sorted(SUBTLE_FAULTS))
def test_a_fault_is_told_by_one_check_alone(site, fault):
    check, source = SUBTLE_FAULTS[fault]
    assert failed(outcome(installed(site, source))) == [check]


def test_a_static_card_that_says_something_else_fails_the_check_of_cards(site):
    results = outcome(installed(site, GOOD, card={"intended_use": "For diagnosis."}))
    assert failed(results) == ["card"]


def test_a_missing_static_card_fails_the_check_of_cards(site):
    handle = installed(site, GOOD)
    for file in site.folder.rglob("medview_card.json"):
        file.unlink()
    assert failed(outcome(handle)) == ["card"]


def test_writing_to_the_input_fails_the_check_of_the_source_and_leaves_others_open(site):
    source = changed(
        "stages(ctx)\n    mask",
        """stages(ctx)
            import ctypes
            ctypes.memset(source.array.ctypes.data, 1, 64)
            mask""".replace("            ", "    "),
    )
    results = outcome(installed(site, source))
    assert failed(results) == ["source-untouched"]
    assert results["findings"] is None
    assert results["geometry"] is None


BALLS = changed(
    'return Findings(LabelMap("Bright", mask, LABELS))',
    """k, j, i = np.argwhere(mask).mean(axis=0)
    place = source.grid.to_lps((k, j, i)) if WORLD else (i, j, k)
    found = [Detection("1", "ball", 0.9, tuple(map(float, place)), (9.0, 9.0, 9.0))]
    if WEAK and mask.shape[0] > 45:
        corner = source.grid.to_lps((1, 1, 1))
        found.append(Detection("2", "ball", 0.6, tuple(map(float, corner)), (9.0, 9.0, 9.0)))
    return Findings(Detections("Balls", tuple(found)))""",
)


@pytest.mark.parametrize(
    ("settings", "faults"),
    [
        ("WORLD, WEAK = True, False", []),
        ("WORLD, WEAK = False, False", ["geometry"]),
        # On the finer sampling, something is found besides, with a lower score.
        ("WORLD, WEAK = True, True", []),
    ],
)
def test_a_place_in_voxels_is_found_out_and_weaker_findings_may_come_and_go(site, settings, faults):
    source = f"{BALLS}\n{settings}\nCARD['produces'] = ('detections',)\n"
    results = outcome(installed(site, source, card={"produces": ["detections"]}))
    assert failed(results) == faults
    assert results["geometry"] is (not faults)


def test_a_model_that_fails_on_the_phantom_fails_the_check_of_findings_alone(site):
    results = outcome(installed(site, changed("mask = (source", "1 / 0\n    mask = (source")))
    assert failed(results) == ["findings"]
    assert results["progress"] is None


def test_a_model_that_is_deaf_for_too_long_fails_the_check_of_cancel(site, monkeypatch):
    from medview.testing.conformance import cancel

    monkeypatch.setattr(cancel, "WITHIN_S", 0.05)
    handle = installed(site, "import time\n" + changed("mask = (", "time.sleep(0.1)\n    mask = ("))
    result = conformance.run_check(
        "cancel", conformance.Subject(handle, lambda grid: ball_phantom(grid, radius_mm=60))
    )
    assert result.passed is False
    assert "deaf" in result.words


def test_a_model_of_images_is_tried_on_a_picture_and_has_no_place_in_space(site):
    source = """
        CARD["input"], CARD["produces"] = InputSpec("image"), ("grades",)

        @hookimpl
        def run(source, ctx):
            ctx.progress(0.0, "Looking")
            ctx.progress(1.0, "Done")
            red = float(source.array[..., 0].mean()) / 255
            return Findings(Grades("Red", (Grade("no", 1 - red), Grade("yes", red)), "no"))
        """
    changes = {"input": {"kind": "image"}, "produces": ["grades"]}
    results = conformance.check_model(installed(site, source, card=changes))
    outcomes = {result.check: result.passed for result in results}
    assert outcomes.pop("geometry") is None
    assert set(outcomes.values()) == {True}


def test_a_model_of_slides_is_tried_on_generated_tissue(site):
    source = """
        CARD["input"], CARD["produces"] = InputSpec("slide"), ("tile_scores",)

        @hookimpl
        def run(source, ctx):
            level = source.levels[0]
            edge = 512
            origins, red = [], []
            for x in range(0, level.width - edge + 1, edge):
                ctx.progress(x / level.width, "Reading")
                origins.append((x, edge))
                red.append(source.read_region(0, x, edge, edge, edge)[..., 1].mean() / 255)
            scores = np.array(red)[:, None]
            return Findings(TileScores(
                "Green", np.array(origins), edge, 0, 0.5, np.ones(len(red)), scores, ("green",)
            ))
        """
    changes = {"input": {"kind": "slide"}, "produces": ["tile_scores"]}
    results = conformance.check_model(installed(site, source, card=changes))
    outcomes = {result.check: result.passed for result in results}
    assert outcomes.pop("geometry") is None
    assert set(outcomes.values()) == {True}


def test_a_model_of_another_modality_receives_a_body_that_says_it_is_that(site):
    source = GOOD.replace("-500", "300") + "\nCARD['input'] = InputSpec('volume', ('MR',))\n"
    changes = {"input": {"kind": "volume", "modalities": ["MR"]}}
    results = conformance.check_model(installed(site, source, card=changes))
    assert {result.passed for result in results} == {True}


def test_a_model_that_takes_no_sample_is_not_checked_further(site):
    source = GOOD + "\n@hookimpl\ndef applicable(source):\n    return Verdict.unfit('Never.')\n"
    results = outcome(installed(site, source))
    assert failed(results) == []
    assert results["findings"] is None


def test_weights_that_are_missing_leave_the_run_open(site):
    source = changed("stages(ctx)\n    mask", "stages(ctx)\n    ctx.weights('net.pt')\n    mask")
    results = outcome(installed(site, source))
    assert failed(results) == []
    assert results["findings"] is None


@pytest.mark.torch
def test_a_model_that_looks_for_a_gpu_itself_fails_the_check_of_the_cpu(site):
    source = changed(
        "stages(ctx)\n    mask",
        "stages(ctx)\n    import torch\n"
        "    device = 'cuda' if torch.cuda.is_available() else 'cpu'\n    mask",
    )
    results = outcome(installed(site, source))
    assert failed(results) == ["cpu"]


def test_the_decorator_gives_one_test_for_each_check():
    @conformance.checks("no-such-model")
    def keeps(result: conformance.CheckResult) -> None:
        """Never reached: there is no such model."""

    (mark,) = keeps.pytestmark
    assert mark.args == ("check", tuple(conformance.CHECKS))
    assert keeps.__name__ == "keeps"
