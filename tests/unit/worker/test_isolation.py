"""A model in a process of its own is used like any other, and its package never comes in here."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medview.app.controllers.models import open_catalogue
from medview.app.controllers.run_model import submit_run
from medview.core.data.image2d import Image2D
from medview.core.data.source import SourceInfo
from medview.core.errors import ModelError, UnfitError, WeightsError
from medview.host.call import run_model
from medview.host.catalogue import Catalogue
from medview.host.discovery import discover
from medview.host.fit import verdict
from medview.host.params import build, specs_of
from medview.host.report import traceback_without_paths
from medview.host.weights import missing_weights, weights_resolver
from medview.worker.supervise.cards import key_of
from medview.worker.supervise.isolation import Isolation
from medview.worker.supervise.launch import Launch, own_interpreter
from medview.worker.supervise.limits import Limits
from medview.worker.supervise.places import sweep_after_crash
from tests.fake_models import GOOD_RUN, PlainContext
from tests.unit.worker.conftest import LIMITS, hook, told_by

SAYS_TEXT = "return Findings(Measurements('m', (Quantity('text', text),)))"
SLEEPS_IN_C = "ctx.progress(0.1)\nimport ctypes\nwhile True: ctypes.PyDLL(None).usleep(900000)"


def test_a_result_equals_that_of_the_same_model_in_a_thread(site, catalogue, sagittal_ct):
    site.add(GOOD_RUN)
    allowed = discover(frozenset({"fake-bright"}), installed=site.installed)
    results: list[Any] = []
    for handle in (catalogue().handle("bright"), Catalogue(allowed).handle("bright")):
        params = build(handle.loaded().params_type, {"above": 100.0})
        results.append(run_model(handle, sagittal_ct, params, PlainContext()))
    a, b = results
    assert np.array_equal(a.items[0].array, b.items[0].array)
    assert a.items[0].labels == b.items[0].labels
    assert a.items[0].grid is b.items[0].grid is sagittal_ct.grid
    same = {"started": "", "duration_s": 0.0}
    assert replace(a.provenance, **same) == replace(
        b.provenance, **same, source=a.provenance.source
    )


def test_the_package_is_never_imported_here(site, catalogue, sagittal_ct, described, tmp_path):
    module = site.add(GOOD_RUN)
    handle = catalogue().handle("bright")
    assert verdict(handle, described).fit == "fit"
    run_model(handle, sagittal_ct, None, PlainContext())
    assert missing_weights(handle, tmp_path) == ()
    weights_resolver(handle, tmp_path)
    assert module not in sys.modules


def test_a_form_shows_its_parameters(model):
    handle = model(GOOD_RUN)
    handle.ensure_ready()
    (spec,) = specs_of(handle.params_type)
    assert (spec.name, spec.default, spec.low, spec.high) == ("above", 0.0, -1024, 3000)
    assert spec.unit == "[hnsf'U]"


def test_an_image_arrives_with_its_colours(model):
    text = hook("return Findings(Measurements('m', (Quantity('s', float(source.array.sum())),)))")
    head = "CARD['input'] = InputSpec('image')\n"
    image = Image2D(np.full((4, 5, 3), 7, np.uint8), None, SourceInfo("image"))
    assert told_by(model(head + text), image) == 4 * 5 * 3 * 7


def test_progress_warnings_log_and_context_cross(model, sagittal_ct, ctx, caplog):
    body = """
ctx.progress(0.25, "Stage")
ctx.warn("odd", "Looks odd.")
ctx.log.info("at /home/user/x")
f = ctx.watch(lambda x: x, 2)
f(1); import time; time.sleep(0.05); f(2)
told = f"{ctx.device} {ctx.memory} {ctx.precision} {ctx.reproducible}"
return Findings(Measurements("m", (Quantity("ctx", told),)))
"""
    ctx.memory, ctx.reproducible = "tight", True
    findings: Any = run_model(model(hook(body)), sagittal_ct, None, ctx)
    assert findings.items[0].items[0].value == "cpu tight float32 True"
    assert ctx.told[0] == (0.25, "Stage")
    assert ctx.told[-1][0] == pytest.approx(1.0)
    assert findings.provenance.warnings[0].code == "odd"
    assert "at <path>" in caplog.text


def test_weights_are_verified_here_and_opened_there(site, catalogue, sagittal_ct, tmp_path, runner):
    import hashlib

    data = b"weights of a network"
    sha = hashlib.sha256(data).hexdigest()
    head = f"CARD['weights'] = (WeightsFile('net.bin', '{sha}', 'CC0-1.0', {len(data)}),)\n"
    body = "text = ctx.weights('net.bin').read_text()\n" + SAYS_TEXT
    module = site.add(head + hook(body))
    handle = catalogue().handle("bright")
    handle.ensure_ready()
    with pytest.raises(WeightsError):
        submit_run(runner, handle, sagittal_ct, weights_folder=tmp_path)
    shipped = site.folder / module / "weights"
    shipped.mkdir()
    (shipped / "net.bin").write_bytes(data)
    job = submit_run(runner, handle, sagittal_ct, weights_folder=tmp_path)
    findings: Any = job.future.result(20)
    assert findings.items[0].items[0].value == data.decode()
    assert findings.provenance.weights[0].sha256 == sha


def test_weights_that_are_not_declared_are_refused_there_too(model, sagittal_ct, runner, tmp_path):
    job = submit_run(
        runner, model(hook("ctx.weights('other.bin')")), sagittal_ct, weights_folder=tmp_path
    )
    with pytest.raises(WeightsError, match="declares no weights"):
        job.future.result(20)


def test_secrets_of_the_session_do_not_cross(model, sagittal_ct, monkeypatch):
    monkeypatch.setenv("SOME_API_TOKEN", "hunter2")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/run/agent")
    body = "import os\ntext = repr(dict(os.environ))\n" + SAYS_TEXT
    told = told_by(model(hook(body)), sagittal_ct)
    assert "hunter2" not in told
    assert "SSH_AUTH_SOCK" not in told
    assert f"'HOME': '{os.environ['HOME']}'" not in told


def test_what_it_reads_from_standard_input_is_empty(model, sagittal_ct):
    body = "import sys\ntext = repr(sys.stdin.read())\n" + SAYS_TEXT
    told = told_by(model(hook(body)), sagittal_ct)
    assert told == "''"


# ---- descriptions are kept ----------------------------------------------------------------------


def test_a_model_is_described_once_until_its_files_change(site, tmp_path, monkeypatch):
    path = site.folder / site.add(GOOD_RUN) / "__init__.py"
    described: list[str] = []
    describe = Isolation._describe

    def counting(self: Isolation, found: Any, launch: Launch) -> Any:
        described.append(found.id)
        return describe(self, found, launch)

    monkeypatch.setattr(Isolation, "_describe", counting)

    def ready() -> str:
        made = Isolation(tmp_path / "cards", limits=LIMITS)
        found = discover(installed=site.installed, can_isolate=True)
        handle = Catalogue(found, isolate=made.load).handle("bright")
        handle.ensure_ready()
        made.close()
        assert handle.card is not None
        return handle.title

    assert ready() == ready() == "Bright voxels"
    assert len(described) == 1
    path.write_text(path.read_text().replace("Bright voxels", "Brighter"))
    assert ready() == "Brighter"
    assert len(described) == 2


def test_a_description_that_was_damaged_is_made_again(site, tmp_path):
    site.add(GOOD_RUN)
    (found,) = discover(installed=site.installed, can_isolate=True)
    cards = tmp_path / "cards"
    cards.mkdir()
    kept = cards / f"{key_of(found, str(own_interpreter().python))}.json"
    for damage in ("{", "[]", '{"say": "loaded", "card": {"id": 3}}', "[" * 100_000):
        kept.write_text(damage)
        made = Isolation(cards, limits=LIMITS)
        handle = Catalogue((found,), isolate=made.load).handle("bright")
        handle.ensure_ready()
        assert handle.state == "ready"
        made.close()
        assert json.loads(kept.read_text())["say"] == "loaded"


def test_a_description_is_readable_by_its_user_alone(model, tmp_path):
    model(GOOD_RUN).ensure_ready()
    (kept,) = (tmp_path / "cards").iterdir()
    assert kept.stat().st_mode & 0o077 == 0
    assert kept.parent.stat().st_mode & 0o077 == 0


# ---- processes come and go ----------------------------------------------------------------------


def test_describing_leaves_no_process(model, isolation, leftovers):
    model(GOOD_RUN).ensure_ready()
    assert isolation.pool.alive == 0
    assert leftovers.found() == []


class TestIdle:
    @pytest.fixture
    def limits(self) -> Limits:
        return replace(LIMITS, idle_s=0.3, most_idle=1)

    def test_a_worker_ends_when_nobody_needs_it(self, model, sagittal_ct, isolation, leftovers):
        run_model(model(GOOD_RUN), sagittal_ct, None, PlainContext())
        assert isolation.pool.alive == 1
        assert leftovers.wait() == []
        assert isolation.pool.alive == 0

    def test_few_are_kept_warm(self, site, catalogue, sagittal_ct, isolation):
        for number in range(2):
            site.add(GOOD_RUN, model=f"m{number}", distribution=f"fake-{number}")
        models = catalogue()
        for number in range(2):
            run_model(models.handle(f"m{number}"), sagittal_ct, None, PlainContext())
        assert isolation.pool.alive == 1


def test_the_same_question_is_asked_once(model, described, isolation):
    handle = model(GOOD_RUN)
    assert verdict(handle, described).fit == "fit"
    isolation.close()
    assert verdict(handle, described).fit == "fit"


def test_folders_of_an_application_that_died_are_swept(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    stale = tmp_path / f"medview-worker-{gone.pid}-abc"
    ours = tmp_path / f"medview-worker-{os.getpid()}-abc"
    for folder in (stale, ours):
        folder.mkdir()
    sweep_after_crash()
    assert not stale.exists()
    assert ours.exists()


def test_a_worker_dies_with_its_application(site, tmp_path):
    site.add(hook(SLEEPS_IN_C))
    script = tmp_path / "application.py"
    script.write_text(
        "import os, signal, sys, threading\n"
        f"sys.path.insert(0, {str(site.folder)!r})\n"
        "from importlib.metadata import distributions\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from medview.core.data.source import SourceInfo\n"
        "from medview.core.data.volume import Volume\n"
        "from medview.core.geometry.grid import Grid\n"
        "from medview.host.discovery import discover\n"
        "from medview.worker.supervise.isolation import Isolation\n"
        "from tests.fake_models import PlainContext\n"
        "class Context(PlainContext):\n"
        "    def progress(self, fraction, text=''):\n"
        "        import psutil\n"
        "        print(psutil.Process().children()[0].pid, flush=True)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        f"site = list(distributions(path=[{str(site.folder)!r}]))\n"
        "(found,) = discover(installed=site, can_isolate=True)\n"
        f"loaded = Isolation(Path({str(tmp_path)!r}) / 'c').load(found)\n"
        "volume = Volume(np.zeros((2, 2, 2)), Grid((2, 2, 2), np.eye(4)), SourceInfo('volume'))\n"
        "loaded.plugin.run(volume, None, Context())\n"
    )
    checkout = str(Path(__file__).resolve().parents[3])
    done = subprocess.run(
        [sys.executable, str(script)], stdout=subprocess.PIPE, text=True, check=False,
        env={**os.environ, "PYTHONPATH": checkout}, timeout=60,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    pid = int(done.stdout)
    deadline = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists()
    sweep_after_crash()


# ---- the application's own way ------------------------------------------------------------------


def test_the_catalogue_of_the_application_isolates_third_parties(site, tmp_path, medview_home):
    module = site.add(GOOD_RUN)
    handle = open_catalogue({"MEDVIEW_HOME": str(medview_home)}, installed=site.installed).handle(
        "bright"
    )
    handle.ensure_ready()
    assert handle.state == "ready"
    assert "a process of its own, no network" in handle.isolation
    assert module not in sys.modules
    assert list(medview_home.rglob("cards/*.json"))


def test_safe_mode_starts_no_process(site, medview_home):
    site.add(GOOD_RUN)
    catalogue = open_catalogue(
        {"MEDVIEW_HOME": str(medview_home)}, installed=site.installed, safe_mode=True
    )
    (handle,) = catalogue.models
    handle.ensure_ready()
    assert handle.state == "disabled"
    assert not medview_home.exists()


def test_a_model_that_needs_isolation_is_never_loaded_here_without_it(site):
    module = site.add(GOOD_RUN)
    found = discover(installed=site.installed, can_isolate=True)
    (handle,) = Catalogue(found).models
    handle.ensure_ready()
    assert handle.state == "broken"
    assert module not in sys.modules


def test_an_unfit_source_starts_no_process(model, sagittal_ct, isolation):
    handle = model("CARD['input'] = InputSpec('image')\n" + GOOD_RUN)
    with pytest.raises(UnfitError):
        run_model(handle, sagittal_ct, None, PlainContext())
    assert isolation.pool.alive == 0


def test_an_interpreter_that_is_not_there_makes_the_model_broken(site, tmp_path):
    site.add(GOOD_RUN)
    made = Isolation(
        tmp_path / "cards", limits=LIMITS, launch=lambda found: Launch(tmp_path / "no-python")
    )
    found = discover(installed=site.installed, can_isolate=True)
    handle = Catalogue(found, isolate=made.load).handle("bright")
    handle.ensure_ready()
    assert handle.state == "broken"
    assert "cannot be started" in handle.reason
    with pytest.raises(ModelError):
        handle.loaded()


@pytest.mark.parametrize(("agreed", "asks"), [(True, False), (False, True), (True, True)])
def test_the_network_is_open_only_if_the_card_asks_and_the_user_agrees(
    site, tmp_path, agreed, asks
):
    site.add(f"CARD['network'] = {asks}\n" + GOOD_RUN)
    made = Isolation(
        tmp_path / "cards",
        limits=LIMITS,
        network=frozenset({"fake-bright/bright"} if agreed else ()),
    )
    found = discover(installed=site.installed, can_isolate=True)
    handle = Catalogue(found, isolate=made.load).handle("bright")
    handle.ensure_ready()
    assert ("as agreed" in handle.isolation) == (agreed and asks)
    made.close()


def test_the_report_of_a_crash_holds_the_place_in_the_code_of_the_model(model, sagittal_ct):
    handle = model(hook("import ctypes; ctypes.string_at(0)"))
    with pytest.raises(ModelError) as caught:
        run_model(handle, sagittal_ct, None, PlainContext())
    report = traceback_without_paths(caught.value)
    assert re.search(r"^  fake_\w+/__init__\.py, line \d+, in run$", report, re.MULTILINE), report
