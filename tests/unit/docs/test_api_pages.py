"""The reference and the promise of the plugin API say what the code says."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

import api_surface
import hook_reference
import medview.api
from medview.host.loader import HOOKS
from medview.host.spec import API

DOCS = Path(__file__).parents[3] / "docs"

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def facts() -> list[str]:
    return api_surface.facts()


def test_nothing_of_what_was_promised_is_gone_or_asks_for_more(facts):
    assert api_surface.broken(api_surface.recorded(), facts) == []


def test_every_addition_is_recorded(facts):
    new = set(facts) - set(api_surface.recorded())
    assert not new, "Record them: python packaging/api_surface.py"


def test_the_reference_is_the_one_that_the_code_gives():
    written = hook_reference.PAGE.read_text(encoding="utf-8")
    assert written == hook_reference.page(), "Write it anew: python packaging/hook_reference.py"


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [line for line in lines if "Verdict.fits" not in line],
        lambda lines: [line.replace("volume_ml", "volume_mm3") for line in lines],
        lambda lines: [line for line in lines if line != "choice FindingName: heatmap"],
        lambda lines: [*lines, "hook run takes at 3 more: str required"],
        lambda lines: [*lines, "class ModelCard takes by name more: str required"],
        lambda lines: [line.replace("min_slices = 1 ", "min_slices = 7 ") for line in lines],
        lambda lines: [
            line.replace("param takes by name low", "param takes at 4 low") for line in lines
        ],
    ],
)
def test_a_change_that_breaks_a_package_is_noticed(facts, change):
    assert api_surface.broken(facts, change(list(facts)))


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [*lines, "class ModelCard takes at 20 more: str", "class Polyline"],
        lambda lines: [*lines, "class Polyline takes at 0 points: int required"],
        lambda lines: [
            line.removesuffix(" required") if "Evaluation takes at 3" in line else line
            for line in lines
        ],
    ],
)
def test_an_addition_breaks_nothing(facts, change):
    assert api_surface.broken(facts, change(list(facts))) == []


def test_every_name_and_every_field_is_in_the_reference():
    """Looked for in the text itself, so that a fault of the generator shows too."""
    page = (DOCS / "hooks.md").read_text(encoding="utf-8")
    parts = re.split(r"^### `(\w+)`$", page, flags=re.MULTILINE)
    told = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert set(told) >= {*HOOKS, *medview.api.__all__} - {"API", "hookimpl"}
    for name in medview.api.__all__:
        thing = getattr(medview.api, name)
        if isinstance(thing, type) and dataclasses.is_dataclass(thing):
            for field in dataclasses.fields(thing):
                shown = (f"| `{field.name}` |", f"- `{field.name}`", f"- `*{field.name}`")
                assert any(each in told[name] for each in shown), f"{name}.{field.name}"


def test_the_page_on_the_promise_names_the_api_that_is_spoken():
    text = (DOCS / "plugin_api.md").read_text(encoding="utf-8")
    assert f"`{API}`" in text
    assert (DOCS / f"{API}.txt").is_file()


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda p: p.name)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
