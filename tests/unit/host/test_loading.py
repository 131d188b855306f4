"""Loading is guarded: whatever a plugin does, it ends in a state with a reason."""

from __future__ import annotations

import pytest

from medview.core.errors import ModelError, UnfitError, UsageError
from medview.host.call import run_model
from medview.testing.context import CollectingContext
from medview.testing.phantoms import ball_phantom
from tests.fake_models import GOOD_RUN


def only(catalogue):
    (handle,) = catalogue().models
    handle.ensure_ready()
    return handle


def test_a_good_model_becomes_ready_and_describes_itself(site, catalogue):
    site.add(GOOD_RUN)
    (handle,) = catalogue().models
    assert handle.state == "found"
    assert handle.card is None
    handle.ensure_ready()
    assert handle.state == "ready"
    assert handle.title == "Bright voxels"
    assert handle.params_type().above == 0.0


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("raise RuntimeError('no such card')", "RuntimeError: no such card"),
        ("import nothing_of_this_name", "ModuleNotFoundError"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("def broken(:", "SyntaxError"),
        ("open('/home/jane/medview_card.json')", "no file 'medview_card.json'"),
    ],
)
def test_a_model_that_fails_at_import_is_broken_and_the_others_are_not(
    site, catalogue, source, told
):
    site.add(source, head=False, model="bad", distribution="fake-bad")
    site.add(GOOD_RUN)
    built = catalogue()
    for handle in built.models:
        handle.ensure_ready()
    assert built.handle("bad").state == "broken"
    assert told in built.handle("bad").reason
    assert built.handle("bright").state == "ready"
    with pytest.raises(ModelError, match="broken"):
        built.handle("bad").loaded()


def test_a_failing_import_is_told_with_its_place_in_the_package(site, catalogue):
    module = site.add("x = 1\ny = 2\nraise RuntimeError('no such card')", head=False)
    assert only(catalogue).reason.endswith(f"no such card ({module}/__init__.py, line 4)")


def test_a_module_that_is_not_there_is_told_with_what_its_author_can_do(site, catalogue):
    module = site.add("import nothing_of_this_name.part", head=False)
    reason = only(catalogue).reason
    assert f"({module}/__init__.py, line " in reason
    assert reason.endswith(
        "Its author: add what brings 'nothing_of_this_name' to 'dependencies' in pyproject.toml"
    )


def test_a_run_that_imports_a_module_that_is_not_there_says_what_its_author_can_do(site, catalogue):
    site.add("@hookimpl\ndef run(source, ctx):\n    import nothing_of_this_name\n")
    with pytest.raises(ModelError) as caught:
        run_model(only(catalogue), ball_phantom(radius_mm=20.0), None, CollectingContext())
    assert caught.value.message.endswith("to 'dependencies' in pyproject.toml.")


def test_the_sentence_of_an_exception_that_ends_one_gets_no_second_full_stop(site, catalogue):
    site.add("@hookimpl\ndef run(source, ctx):\n    raise ValueError('It is not possible.')\n")
    with pytest.raises(ModelError) as caught:
        run_model(only(catalogue), ball_phantom(radius_mm=20.0), None, CollectingContext())
    assert caught.value.message.endswith("It is not possible.")
    assert not caught.value.message.endswith("..")


def test_ctrl_c_while_loading_is_the_users_and_passes(site, catalogue):
    site.add("raise KeyboardInterrupt", head=False)
    with pytest.raises(KeyboardInterrupt):
        only(catalogue)


def test_an_argument_that_is_not_given_is_named_with_those_that_are(site, catalogue):
    site.add("@hookimpl\ndef run(volume, ctx, *, deep=True): return Findings()\n")
    handle = only(catalogue)
    assert handle.state == "broken"
    assert "'run' takes 'volume', which is not given" in handle.reason
    assert "it may take source, params, ctx." in handle.reason


def test_a_default_outside_of_its_own_limits_breaks_the_model_before_anybody_runs_it(
    site, catalogue
):
    params = (
        "@dataclass(frozen=True)\nclass Params:\n    above: float = param(-9999.0, low=-1000)\n"
    )
    site.add(f"{GOOD_RUN}\n{params}")
    handle = only(catalogue)
    assert handle.state == "broken"
    assert "'above' must be within -1000..inf, not -9999.0" in handle.reason


def test_a_misspelt_hook_is_named(site, catalogue):
    site.add(GOOD_RUN + "\n@hookimpl\ndef aplicable(source): return Verdict.fits()\n")
    handle = only(catalogue)
    assert handle.state == "broken"
    assert "'aplicable' is no hook" in handle.reason


def test_a_missing_hook_is_named(site, catalogue):
    site.add("")
    assert "The hook 'run' is missing" in only(catalogue).reason


def test_an_argument_that_the_contract_lacks_is_refused(site, catalogue):
    site.add("@hookimpl\ndef run(source, widget): return Findings()\n")
    handle = only(catalogue)
    assert handle.state == "broken"
    assert "widget" in handle.report


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("MODEL = 'other'", "the entry point 'bright'"),
        ("CARD['title'] = ' '", "'title'"),
        ("CARD['intended_use'] = ''", "'intended_use'"),
        ("CARD['produces'] = ('poem',)", "'produces'"),
        ("CARD['input'] = InputSpec('stack')", "input kind 'stack'"),
        ("CARD['input'] = 'CT'", "not an InputSpec"),
        ("CARD['weights'] = (WeightsFile('w', 'abc', 'MIT', 3),)", "SHA-256"),
    ],
)
def test_an_incomplete_card_breaks_the_model_and_says_what_is_wrong(site, catalogue, change, told):
    site.add(f"{GOOD_RUN}\n{change}\n")
    handle = only(catalogue)
    assert handle.state == "broken"
    assert told in handle.reason


def test_describe_that_returns_something_else_is_refused(site, catalogue):
    site.add(GOOD_RUN + "\nCARD = {}\ndescribe = hookimpl(lambda: 'a card')\n")
    assert "returned str, not a ModelCard" in only(catalogue).reason


def test_a_parameter_without_a_default_is_refused(site, catalogue):
    site.add(GOOD_RUN.replace("= param(0.0, ", "#"))
    assert "Parameter 'above' needs a default" in only(catalogue).reason


def test_a_report_names_the_failing_line_and_no_folder(site, catalogue):
    site.add("import os\n\ndef f():\n    open('/home/jane/scan.dcm')\nf()\n", head=False)
    report = only(catalogue).report
    assert "__init__.py, line 5, in f" in report
    assert "FileNotFoundError" in report
    assert str(site.folder) not in report
    assert "jane" not in report


def test_an_incompatible_model_is_never_imported(site):
    from medview.host.catalogue import Catalogue
    from medview.host.discovery import discover

    site.add("raise RuntimeError('imported')", head=False)
    (handle,) = Catalogue(discover(installed=site.installed)).models
    handle.ensure_ready()
    assert handle.state == "incompatible"
    with pytest.raises(UnfitError, match="needs isolation"):
        handle.loaded()


def test_a_disabled_model_is_not_loaded(site, catalogue):
    site.add("raise RuntimeError('imported')", head=False)
    (handle,) = catalogue(disabled=frozenset({"bright"})).models
    handle.ensure_ready()
    assert handle.state == "disabled"


def test_an_allow_list_leaves_out_the_others(site, catalogue):
    site.add(GOOD_RUN)
    site.add(GOOD_RUN, model="other", distribution="fake-other")
    states = {h.id: h.state for h in catalogue(only=frozenset({"other"})).models}
    assert states == {"bright": "disabled", "other": "found"}


def test_an_unknown_id_suggests_the_nearest(site, catalogue):
    site.add(GOOD_RUN)
    with pytest.raises(UsageError, match="Did you mean 'bright'"):
        catalogue().handle("brigth")


def test_a_model_is_loaded_once(site, catalogue, tmp_path):
    loads = tmp_path / "loads"
    site.add(f"with open({str(loads)!r}, 'a') as file:\n    file.write('x')\n{GOOD_RUN}")
    handle = only(catalogue)
    handle.ensure_ready()
    handle.loaded()
    assert loads.read_text("utf-8") == "x"


def test_an_entry_point_may_name_an_object_in_a_module(site, catalogue):
    module = site.add(GOOD_RUN + "\nimport sys\nhooks = sys.modules[__name__]\n")
    site.add_metadata("fake-bright", "1.2", {"medview.model.v1": {"bright": f"{module}:hooks"}})
    assert only(catalogue).state == "ready"


def test_tracing_tells_each_call_without_its_values(site, catalogue):
    lines: list[str] = []
    site.add(GOOD_RUN)
    (handle,) = catalogue(trace=lines.append).models
    handle.ensure_ready()
    assert lines[0] == "bright: describe()"
    assert lines[1].startswith("bright: describe -> ModelCard in ")
