"""A run hands over the canonical order, takes back the source's, and lets no broken rule pass."""

from __future__ import annotations

import numpy as np
import pytest

from medview import __version__
from medview.core.data.fingerprint import fingerprint
from medview.core.data.image2d import Image2D
from medview.core.data.source import SourceInfo
from medview.core.data.stack import Stack
from medview.core.data.volume import Volume
from medview.core.errors import ModelError, UnfitError, UsageError, WeightsError
from medview.core.findings.heatmap import Heatmap
from medview.core.geometry.grid import Grid
from medview.core.progress import Cancelled
from medview.host.call import run_model
from medview.host.params import build
from tests.fake_models import GOOD_RUN


def hook(body: str, *arguments: str) -> str:
    lines = "\n    ".join(body.strip().splitlines())
    return f"@hookimpl\ndef run({', '.join(arguments or ('source', 'ctx'))}):\n    {lines}\n"


@pytest.fixture
def run(site, catalogue, sagittal_ct, ctx):
    """Installs one model with this source text and runs it."""

    def call(text, source=sagittal_ct, **values):
        site.add(text)
        (handle,) = catalogue().models
        handle.ensure_ready()
        params = build(handle.params_type, values) if values else None
        return run_model(handle, source, params, ctx)

    return call


def test_a_mask_comes_back_on_the_voxels_it_was_drawn_on(run, sagittal_ct):
    (mask,) = run(GOOD_RUN).items
    assert np.array_equal(mask.array, sagittal_ct.array > 0)
    assert mask.grid is sagittal_ct.grid


def test_the_model_receives_superior_posterior_left(run, sagittal_ct):
    text = hook(
        """
        d = source.grid.directions
        said = [d[:, a].round().astype(int).tolist() for a in range(3)]
        return Findings(Measurements("d", (Quantity("d", str(said)),)))
        """.replace("\n        ", "\n")
    )
    (told,) = run(text).items
    assert told.items[0].value == "[[0, 0, 1], [0, 1, 0], [1, 0, 0]]"


def test_a_value_at_an_lps_place_stays_at_that_place(run, sagittal_ct):
    point = sagittal_ct.grid.to_lps((1, 2, 3))
    text = hook(
        f"""
a = np.zeros(source.array.shape, np.uint8)
a[tuple(source.grid.to_index({point.tolist()}).round().astype(int))] = 1
return Findings(LabelMap("p", a, LABELS, source.grid))"""
    )
    (mask,) = run(text).items
    assert np.argwhere(mask.array).tolist() == [[1, 2, 3]]


def test_parameters_reach_the_model_and_the_provenance(run, sagittal_ct):
    findings = run(GOOD_RUN, above="100")
    assert np.array_equal(findings.items[0].array, sagittal_ct.array > 100)
    assert findings.provenance.parameters == {"above": 100.0}


def test_defaults_stand_in_the_provenance(run):
    assert run(GOOD_RUN).provenance.parameters == {"above": 0.0}


def test_provenance_says_all_that_is_needed(run, sagittal_ct, ctx):
    ctx.fallbacks = ("cuda:0 normal float32",)
    source = run(GOOD_RUN).provenance
    assert (source.model.id, source.model.version) == ("bright", "1.2")
    assert (source.model.distribution, source.model.api) == ("fake-bright", "medview.model.v1")
    assert source.source.fingerprint == fingerprint(sagittal_ct.array, sagittal_ct.grid)
    assert source.source.series_uid == "1.2.3.4.5.7"
    assert source.source.grid is sagittal_ct.grid
    assert source.fallbacks == ("cuda:0 normal float32",)
    assert source.host_version == __version__
    assert source.intended_use == "For tests. Not for diagnosis."
    assert source.duration_s >= 0
    assert source.started[10] == "T"


def test_doubts_of_host_and_model_are_kept(run, sagittal_ct):
    text = hook('ctx.warn("thin", "The wall is thin."); return Findings()')
    nameless = Volume(sagittal_ct.array, sagittal_ct.grid, SourceInfo("volume"))
    warnings = run(text, nameless).provenance.warnings
    assert [w.code for w in warnings] == ["doubtful", "thin"]


def test_weights_that_were_used_are_named_with_their_hash(run, ctx, tmp_path):
    ctx.files = {"net.bin": tmp_path / "net.bin"}
    digest = "ab" * 32
    text = f"CARD['weights'] = (WeightsFile('net.bin', '{digest}', 'MIT', 1),)\n" + hook(
        'ctx.weights("net.bin"); ctx.weights("net.bin"); return Findings()'
    )
    (used,) = run(text).provenance.weights
    assert (used.name, used.sha256) == ("net.bin", digest)


def test_a_heatmap_without_a_grid_comes_back_on_the_source(run, sagittal_ct):
    text = hook(
        """
values = (source.array.astype(np.float32) + 500) / 1000
return Findings(Heatmap("h", values, (0, 1), "probability"))"""
    )
    (heat,) = run(text).items
    assert heat.grid is sagittal_ct.grid
    assert np.allclose(heat.array, (sagittal_ct.array.astype(np.float32) + 500) / 1000)


def test_a_heatmap_on_a_grid_of_its_own_keeps_it(run, sagittal_ct):
    text = hook(
        """
grid = source.grid.resampled((6.0, 2.0, 4.0))
return Findings(Heatmap("h", np.zeros(grid.shape, np.float32), (0, 1), "x", grid))"""
    )
    (heat,) = run(text).items
    assert isinstance(heat, Heatmap)
    assert heat.grid is not None
    assert heat.grid.spacing_mm == (6.0, 2.0, 4.0)
    assert heat.grid.frame_of_reference == sagittal_ct.grid.frame_of_reference


def test_results_are_read_only(run):
    (mask,) = run(GOOD_RUN).items
    with pytest.raises(ValueError, match="read-only"):
        mask.array[0, 0, 0] = 1


MASK = "np.zeros(source.array.shape, np.uint8)"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return None", "returned NoneType, not Findings"),
        ("return 'lungs'", "returned str"),
        (f"return Findings(LabelMap('m', {MASK}.astype(float), LABELS))", "uint8 or uint16"),
        (f"return Findings(LabelMap('m', {MASK} + 7, LABELS))", "no declared label"),
        (f"return Findings(LabelMap('m', {MASK}[1:], LABELS))", "its shape is"),
        (
            f"return Findings(LabelMap('m', {MASK}, LABELS, "
            "Grid(source.grid.shape, np.eye(4), source.grid.frame_of_reference)))",
            "does not lie on the grid of the source",
        ),
        (
            f"return Findings(Heatmap('h', np.full({MASK}.shape, np.nan, np.float32), (0, 1), ''))",
            "not finite",
        ),
        (
            f"return Findings(Heatmap('h', np.full({MASK}.shape, 2, np.float32), (0, 1), ''))",
            "outside its declared range",
        ),
        (
            "return Findings(Detections('d', (Detection('1', 'n', 0.5, (1e4, 0, 0), (1, 1, 1)),)))",
            "outside the source",
        ),
        ("return Findings('a string')", "not a kind of finding"),
    ],
)
def test_a_result_that_breaks_a_rule_is_refused_and_names_model_and_rule(run, body, told):
    with pytest.raises(ModelError, match="Bright voxels gave a result") as caught:
        run(hook(body))
    assert told in caught.value.message
    assert caught.value.code == "invalid-findings"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("raise ValueError('bad shape')", "ValueError: bad shape"),
        ("raise SystemExit(0)", "end the whole program"),
        ("source.array[0] = 0", "read-only"),
        ("1 / 0", "ZeroDivisionError"),
        ("raise ModelError('The lungs were not found.')", "The lungs were not found."),
    ],
)
def test_a_model_that_raises_has_failed_and_is_named(run, body, told):
    with pytest.raises(ModelError, match="Bright voxels") as caught:
        run(hook(body))
    assert told in caught.value.message


def test_the_cause_of_a_failure_is_kept_so_that_a_lack_of_memory_can_be_told(run):
    with pytest.raises(ModelError) as caught:
        run(hook("raise MemoryError('no room')"))
    assert isinstance(caught.value.__cause__, MemoryError)


@pytest.mark.parametrize(
    ("error", "kind"),
    [("UnfitError('No lungs.')", UnfitError), ("WeightsError('x')", WeightsError)],
)
def test_what_the_model_may_say_passes_as_it_is(run, error, kind):
    with pytest.raises(kind):
        run(hook(f"raise {error}"))


def test_cancel_passes_through_a_model_that_catches_exceptions(run, ctx):
    ctx.token.cancel()
    body = "try:\n    ctx.progress(0.1)\nexcept Exception:\n    pass\nreturn Findings()"
    with pytest.raises(Cancelled):
        run(hook(body))


def test_ctrl_c_in_a_model_is_the_users_and_passes(run):
    with pytest.raises(KeyboardInterrupt):
        run(hook("raise KeyboardInterrupt"))


def test_a_model_that_writes_through_the_read_only_flag_is_caught(run, sagittal_ct):
    order = np.array([[0, 0, 2, 0], [0, 3, 0, 0], [4, 0, 0, 0], [0, 0, 0, 1]], dtype=float)
    canonical = Volume(sagittal_ct.array.copy(), Grid((5, 6, 7), order), sagittal_ct.info)
    body = """
import ctypes
address = source.array.__array_interface__["data"][0]
ctypes.memset(address + 100, 1, 2)
return Findings()"""
    with pytest.raises(ModelError, match="changed the pixels"):
        run(hook(body), canonical)


def test_arguments_that_a_model_does_not_use_may_be_left_out(run):
    assert run(hook("return Findings()", "source")).items == ()


def test_an_image_is_handed_over_as_it_is(run, ctx):
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    image = Image2D(pixels, info=SourceInfo("image"))
    text = "CARD['input'] = InputSpec('image')\n" + hook(
        "return Findings(LabelMap('m', (source.array > 5).astype(np.uint8), LABELS))"
    )
    findings = run(text, image)
    assert np.array_equal(findings.items[0].array, pixels > 5)
    assert findings.provenance.source.fingerprint == fingerprint(pixels)


def test_a_stack_is_refused(run):
    stack = Stack((np.zeros((3, 3), np.int16),), (None,), ("1",))
    with pytest.raises(UnfitError, match="stack"):
        run(GOOD_RUN, stack)


def test_an_unfit_source_is_refused_before_anything_runs(run, sagittal_ct):
    mr = Volume(sagittal_ct.array, sagittal_ct.grid, SourceInfo("volume", modality="MR"))
    with pytest.raises(UnfitError, match="needs CT, and this is MR"):
        run(hook("raise RuntimeError('ran')"), mr)


def test_parameters_of_another_model_are_refused(site, catalogue, sagittal_ct, ctx):
    site.add(GOOD_RUN)
    (handle,) = catalogue().models
    with pytest.raises(UsageError):
        run_model(handle, sagittal_ct, object(), ctx)
