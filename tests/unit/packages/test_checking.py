"""`medview plugins check`: what it tells, how it ends, and what it leaves as it was."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest

from medview.app.controllers.packages.badge import write_badge
from medview.app.controllers.packages.checking import ModelReport, check_found
from medview.core.errors import UsageError
from medview.host.discovery import discover
from medview.testing.conformance import CHECKS, CheckResult
from medview.testing.conformance.once import told_once
from tests.fake_models import fake_site
from tests.unit.packages.wheels import card, hooks, model_wheel, source_folder

site = pytest.fixture(fake_site)

GOOD = "ctx.progress(0.9, 'Told'); told = 1.0"


def text(run: str) -> str:
    """The module of a model with this line in its run."""
    return hooks("seen", run)


def states(out: str) -> dict[str, str]:
    document = json.loads(out)
    assert document["schema"] == "medview.check/1"
    (model,) = document["models"]
    assert [c["check"] for c in model["checks"]] == list(CHECKS)
    assert all(c["message"] for c in model["checks"])
    return {c["check"]: c["state"] for c in model["checks"]}


def test_a_folder_is_built_and_checked_and_nothing_is_installed(medview, store, tmp_path):
    folder = source_folder(tmp_path / "seen", "seen")
    (folder / "src" / "seen" / "__init__.py").write_text(text(GOOD), "utf-8")
    before = sorted(p.relative_to(folder) for p in folder.rglob("*"))
    assert medview("plugins", "check", folder).code == 2
    badge = tmp_path / "badge.svg"
    ended = medview("plugins", "check", folder, "--yes", "--json", "--badge", badge)
    assert ended.code == 0, ended.out
    found = states(ended.out)
    # Numbers have no place in space.
    assert found.pop("geometry") == "not checked"
    assert set(found.values()) == {"passed"}
    assert "intended use" in ended.err
    assert store.index().packages == {}
    assert sorted(p.relative_to(folder) for p in folder.rglob("*")) == before
    assert "conformant, 15 of 15" in "".join(ET.parse(badge).getroot().itertext())  # noqa: S314


def test_a_reason_that_keeps_every_check_from_being_made_is_told_once(medview, tmp_path):
    wheel = model_wheel(tmp_path, "seen", text="import nothing_of_this_name\n")
    ended = medview("plugins", "check", wheel, "--yes", "--json")
    assert ended.code == 5
    assert ended.out.count("nothing_of_this_name' (seen/__init__.py, line 1)") == 1
    found = states(ended.out)
    assert found.pop("light-import") == "failed"
    assert set(found.values()) == {"not checked"}
    assert ended.out.count("It cannot be imported: see 'light-import'.") == len(found)


def test_a_run_that_fails_is_told_by_the_check_of_its_findings_alone(medview, tmp_path):
    wheel = model_wheel(tmp_path, "seen", text=text("raise ValueError('the disk is too round')"))
    ended = medview("plugins", "check", wheel, "--yes", "--json")
    assert ended.out.count("the disk is too round") == 1
    assert "see 'findings'" in ended.out


def test_two_faults_are_told_both():
    results = (
        CheckResult("findings", False, "The run failed. It has no idea of what it sees."),
        CheckResult("cpu", None, "The run failed: It has no idea of what it sees"),
        CheckResult("memory", False, "The run failed. There are only 2 GiB for it."),
        CheckResult("ends", True, "Nothing goes on. It has no idea of what it sees."),
    )
    words = [result.words for result in told_once(results)]
    assert words == [
        results[0].words, "The run failed: see 'findings'.", results[2].words, results[3].words
    ]  # fmt: skip


def test_a_model_that_ends_its_process_is_told_of_and_the_command_goes_on(medview, tmp_path):
    wheel = model_wheel(tmp_path, "seen", text=text("import os; os._exit(3); told = 0"))
    badge = tmp_path / "badge.json"
    ended = medview("plugins", "check", wheel, "--yes", "--badge", badge)
    assert ended.code == 5
    assert "failing" in ended.out
    assert "exit code 3" in " ".join(ended.out.split())
    endpoint = json.loads(badge.read_text("utf-8"))
    assert endpoint["schemaVersion"] == 1
    assert endpoint["color"] == "red"


def test_an_installed_model_is_checked_by_name_or_id_without_a_question(medview, add, tmp_path):
    add(model_wheel(tmp_path, "seen", model="told-model", text=hooks("told-model")))
    ended = medview("plugins", "check", "told-model", "--json")
    found = states(ended.out)
    assert ended.code == 5
    assert [name for name, state in found.items() if state == "failed"] == ["progress"]
    assert medview("plugins", "check", "unheard-of").code == 2
    assert medview("plugins", "check", "./absent.whl", "--yes").code == 2


@pytest.mark.parametrize(
    ("run", "last", "states_after", "check_s"),
    [
        # The first run ends the process: nothing that runs it can be checked.
        ("import os; os.abort()", "findings", {None}, 120.0),
        ("while True: pass", "findings", {None}, 5.0),
        # Only a run with little memory does: everything after it is still checked.
        ("if ctx.memory == 'tight': import os; os._exit(1)", "memory", {True, None}, 120.0),
    ],
)
def test_a_process_that_ends_fails_the_check_it_was_at(
    site, tmp_path, run, last, states_after, check_s
):
    good = "ctx.progress(0.9, 'Told')\n    told = 1.0"
    module = site.add(hooks("bright", f"{run}\n    {good}"), head=False)
    (site.folder / module / "medview_card.json").write_text(card("bright"), "utf-8")
    (found,) = discover(installed=site.installed, can_isolate=True)
    report = check_found(found, weights_folder=tmp_path, check_s=check_s)
    assert report.outcome == "failing"
    by_name = {r.check: r.passed for r in report.results}
    assert [name for name, passed in by_name.items() if passed is False] == [last]
    after = list(CHECKS)[list(CHECKS).index(last) + 1 :]
    assert {by_name[name] for name in after} <= states_after


def test_a_model_that_was_not_run_is_never_called_conformant():
    results = tuple(CheckResult(name, None, "Its weights are not here.") for name in CHECKS)
    assert ModelReport("a", "A", "a", "1", results, "weights").outcome == "incomplete"


def test_a_badge_has_one_of_two_formats(tmp_path):
    with pytest.raises(UsageError):
        write_badge(tmp_path / "badge.png", [])
