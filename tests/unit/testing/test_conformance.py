"""Every check of the conformance kit is failed by a model with that one fault, and by no other."""

from __future__ import annotations

import dataclasses
import json
from textwrap import dedent

import pytest

from medview.host.handle import ModelHandle
from medview.testing import conformance
from medview.testing.phantoms import ball_phantom
from tests.fake_models import FakeSite, fake_site

site = pytest.fixture(fake_site)

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


def installed(site: FakeSite, source: str, *, card: dict[str, object] | None = None) -> ModelHandle:
    """A model from source, with the static card that belongs to it, or with `card` changed."""
    module = site.add(source)
    (distribution,) = site.installed
    handle = conformance.find_model(
        "bright", allow=frozenset({distribution.metadata["Name"]}), installed=site.installed
    )
    described = dataclasses.asdict(handle.loaded().card) | (card or {})
    (site.folder / module / "medview_card.json").write_text(json.dumps(described), "utf-8")
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
    "applicable": GOOD
    + dedent(
        """
        @hookimpl
        def applicable(source):
            return Verdict.fits() if source.spacing_mm[0] < 10 else Verdict.doubtful("Thick.")
        """
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
    "picklable": changed(
        "return Findings(",
        "class Name(str):\n        pass\n    return Findings(",
    ).replace('LabelMap("Bright"', 'LabelMap(Name("Bright")'),
}


def test_a_good_model_passes_every_check(site):
    results = outcome(installed(site, GOOD))
    assert results == dict.fromkeys(conformance.CHECKS, True)


@pytest.mark.parametrize("check", sorted(FAULTS))
def test_a_model_with_one_fault_fails_just_the_check_of_that_fault(site, check):
    results = outcome(installed(site, FAULTS[check]))
    assert failed(results) == [check]


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


def test_a_place_given_in_voxels_is_found_out(site):
    source = changed(
        'return Findings(LabelMap("Bright", mask, LABELS))',
        """k, j, i = np.argwhere(mask).mean(axis=0)
            x, y, z = source.grid.to_lps((k, j, i)) if WORLD else (i, j, k)
            found = Detection("1", "ball", 0.9, (float(x), float(y), float(z)), (9.0, 9.0, 9.0))
            return Findings(Detections("Balls", (found,)))""".replace("            ", "    "),
    )
    source += '\nCARD["produces"] = ("detections",)\n'
    good = outcome(installed(site, source + "WORLD = True\n"))
    assert failed(good) == []
    assert good["geometry"] is True


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
    results = conformance.check_model(installed(site, source))
    outcomes = {result.check: result.passed for result in results}
    assert outcomes.pop("geometry") is None
    assert set(outcomes.values()) == {True}


def test_the_decorator_gives_one_test_for_each_check():
    @conformance.checks("no-such-model")
    def keeps(result: conformance.CheckResult) -> None:
        """Never reached: there is no such model."""

    (mark,) = keeps.pytestmark
    assert mark.args == ("check", tuple(conformance.CHECKS))
    assert keeps.__name__ == "keeps"
