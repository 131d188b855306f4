"""Public weights in their published layout run through the store, the plugin and its findings."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import medview_lung_segmentation as plugin
import numpy as np
import pytest

from medview.api import Code, LabelMap, Measurements, WeightsError, inference
from medview.core.findings.checks import problems
from medview.host.catalogue import Catalogue
from medview.host.discovery import discover
from medview.host.params import build, specs_of
from medview.host.weights import weights_resolver
from medview.host.weights_offers import WeightsOffer, public_offers
from medview.host.weights_store import WeightsStore
from medview.testing.context import CollectingContext
from medview.testing.phantoms import ThoraxAnatomy, thorax, thorax_grid

if TYPE_CHECKING:
    import torch

    from medview.api import Volume

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def chest() -> Volume:
    grid = thorax_grid((30.0, 2.5, 2.5), field_of_view_mm=(150.0, 380.0, 420.0))
    return thorax(grid, anatomy=ThoraxAnatomy(vessel_tips=20)).volume


def with_random_weights(network: Any, path: Path, seed: int = 0) -> Any:
    """Save weights as published: a plain state dict. Norms vary, so that none is idle."""
    torch = inference.torch
    torch.manual_seed(seed)
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if name.endswith("running_var"):
                value.uniform_(0.5, 2.0)
            elif name.endswith("running_mean"):
                value.normal_(0, 0.2)
    torch.save(network.state_dict(), path)
    return network.eval()


def from_store(folder: Path, files: list[Path]) -> CollectingContext:
    """Install files as a user does, and give them to a run as the host does."""
    handle = Catalogue(discover()).handle("lung-segmentation")
    # The publishers' hashes are those of other numbers than these random ones.
    offers = [
        WeightsOffer(file.name, handle.id, "title", "publisher", "MIT", "", "https://example.org")
        for file in files
    ]
    store = WeightsStore(folder)
    for offer, file in zip(offers, files, strict=True):
        with store.incoming(offer) as incoming:
            shutil.copy(file, incoming)
            store.add(offer, incoming, "file")
    resolve = weights_resolver(handle, folder, public=offers)
    return CollectingContext(weights={file.name: resolve(file.name) for file in files})


def with_every_class(network: Any, path: Path, image: np.ndarray) -> Any:
    """Shift the last layer so that random scores of an image favour no class."""
    torch = inference.torch
    with torch.no_grad():
        scores = network(torch.from_numpy(image)[None, None])[0]
        network.last.bias -= scores.flatten(1).median(dim=1).values
    torch.save(network.state_dict(), path)
    return network


def lungmask_network(classes: int, width: int = 64) -> torch.nn.Module:
    from medview_lung_segmentation.public.unet import LungmaskUNet

    inference.torch.manual_seed(classes)
    return LungmaskUNet(classes, width)


def test_the_lungmask_network_has_the_published_names_and_shapes() -> None:
    with inference.torch.device("meta"):
        state = lungmask_network(3).state_dict()
    # 16 entries in each of five blocks, 24 in each of four up-blocks, and the head.
    assert len(state) == 5 * 21 + 4 * 30 + 2
    shapes = {name: tuple(value.shape) for name, value in state.items()}
    assert shapes["down_path.0.residual_input_conv.weight"] == (64, 1, 1, 1)
    assert shapes["down_path.0.block.0.weight"] == (64, 1, 3, 3)
    assert shapes["down_path.4.block.3.weight"] == (1024, 1024, 3, 3)
    assert shapes["down_path.4.block.5.running_var"] == (1024,)
    assert shapes["up_path.0.residual_batchnorm.num_batches_tracked"] == ()
    assert shapes["up_path.0.up.1.weight"] == (512, 1024, 1, 1)
    assert shapes["up_path.3.conv_block.block.0.weight"] == (64, 128, 3, 3)
    assert shapes["up_path.3.conv_block.residual_input_conv.weight"] == (64, 128, 1, 1)
    assert list(shapes)[-1] == "last.bias"
    assert shapes["last.bias"] == (3,)
    parameters = sum(v.numel() for n, v in state.items() if "running" not in n and "num_b" not in n)
    assert parameters == pytest.approx(31.05e6, rel=0.002)


def test_the_whole_body_network_has_the_bundles_shapes() -> None:
    from medview_lung_segmentation.public.whole_body import build

    with inference.torch.device("meta"):
        shapes = {n: tuple(v.shape) for n, v in build().state_dict().items()}
    assert shapes["convInit.conv.weight"] == (32, 1, 3, 3, 3)
    assert shapes["conv_final.2.conv.weight"] == (105, 32, 1, 1, 1)
    assert "down_layers.3.4.conv2.conv.weight" in shapes


def test_every_public_method_can_be_chosen() -> None:
    from medview_lung_segmentation.params import EMBEDDED
    from medview_lung_segmentation.public.methods import METHODS

    (spec,) = (s for s in specs_of(plugin.Params) if s.name == "method")
    assert set(spec.choices) == {*EMBEDDED, *METHODS}


def test_every_weights_file_of_a_method_is_in_the_public_catalogue() -> None:
    from medview_lung_segmentation.public.methods import METHODS

    offered = {o.name for o in public_offers() if o.model == "lung-segmentation"}
    assert {name for m in METHODS.values() for name in m.weights} == offered


@pytest.mark.parametrize("width", [64, 8])
def test_r231_gives_what_its_network_gives_slice_by_slice(
    chest: Volume, tmp_path: Path, width: int
) -> None:
    from medview_lung_segmentation.public import lungmask
    from medview_lung_segmentation.public.slices import seen

    path = tmp_path / lungmask.R231
    network = with_random_weights(lungmask_network(3, width), path)
    with_every_class(network, path, seen(chest.array[2].astype(np.float32))[0])
    ctx = CollectingContext(weights={path.name: path})
    small, boxes = lungmask._predicted(lungmask.load(path.name, ctx), chest, ctx)
    torch = inference.torch
    for k in (0, len(chest.array) - 1):
        image, box = seen(chest.array[k].astype(np.float32))
        with torch.no_grad():
            expected = network(torch.from_numpy(image)[None, None])[0].argmax(0).numpy()
        assert boxes[k] == box
        assert len(np.unique(expected)) > 1
        # Several slices at once are summed in another order: scores that are equal may swap.
        assert (small[k] == expected).mean() > 0.999


@pytest.mark.parametrize(
    ("method", "labels"),
    [("lungmask-r231", 2), ("lungmask-lobes", 5), ("lungmask-lobes-fused", 5)],
)
def test_a_method_of_lungmask_gives_sound_findings(
    chest: Volume, tmp_path: Path, method: str, labels: int
) -> None:
    from medview_lung_segmentation.public import lungmask
    from medview_lung_segmentation.public.slices import seen

    for name, classes in ((lungmask.R231, 3), (lungmask.LOBES, 6)):
        network = with_random_weights(lungmask_network(classes, 8), tmp_path / name)
        with_every_class(network, tmp_path / name, seen(chest.array[2].astype(np.float32))[0])
    ctx = from_store(tmp_path / "store", sorted(tmp_path.glob("*.pth")))
    found = plugin.run(chest, build(plugin.Params, {"method": method}), ctx)
    assert problems(found, chest) == []
    label_map, table = found.items
    assert isinstance(label_map, LabelMap)
    assert isinstance(table, Measurements)
    assert len(label_map.labels) == labels
    assert all(isinstance(one.code, Code) for one in label_map.labels)
    values = {q.name: q.value for q in table.items}
    first = label_map.labels[0]
    assert values[f"{first.name} volume"] == pytest.approx(
        label_map.volume_ml(first.value), abs=0.05
    )
    fractions = [f for f, _ in ctx.progress_reports if f is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_monai_lobes_are_classes_13_to_17_where_the_network_puts_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from medview_lung_segmentation.public import whole_body
    from medview_lung_segmentation.public.methods import run_public
    from monai.networks.nets.segresnet import SegResNet

    grid = thorax_grid((12.0, 9.0, 9.0), field_of_view_mm=(150.0, 380.0, 420.0))
    chest = thorax(grid, anatomy=ThoraxAnatomy(vessel_tips=5)).volume
    # No exact zeros, which the bundle leaves out of its mean, each after its own rounding.
    chest = chest.with_array(chest.array.astype(np.float32) + 0.37)
    # Fewer channels than published, and smaller windows: one core has seconds for this.
    monkeypatch.setattr(
        whole_body, "build", lambda: SegResNet(3, 8, 1, 105, blocks_down=(1, 1), blocks_up=(1,))
    )
    monkeypatch.setattr(whole_body, "_WINDOW", (32, 32, 32))
    monkeypatch.setitem(whole_body.SPACING_MM, whole_body.COARSE, 9.0)
    torch = inference.torch
    network = with_random_weights(whole_body.build(), tmp_path / whole_body.COARSE)
    with torch.no_grad():
        last = network.conv_final[2].conv
        last.bias[:] = -9.0
        last.bias[13:18] = 0.0
    torch.save(network.state_dict(), tmp_path / whole_body.COARSE)
    ctx = CollectingContext(weights={whole_body.COARSE: tmp_path / whole_body.COARSE})
    found = run_public(chest, "monai-lobes-3mm", ctx)
    assert problems(found, chest) == []

    from monai.data.meta_tensor import MetaTensor
    from monai.inferers.inferer import SlidingWindowInferer
    from monai.transforms.compose import Compose
    from monai.transforms.intensity.array import NormalizeIntensity, ScaleIntensity
    from monai.transforms.spatial.array import Orientation, Spacing

    swap = np.array([[0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1.0]])
    ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ chest.grid.index_to_lps @ swap
    array = torch.from_numpy(chest.array.transpose(2, 1, 0).astype(np.float32))
    steps = Compose(
        [
            Orientation("RAS", labels=None),
            Spacing((9.0, 9.0, 9.0), mode="bilinear"),
            NormalizeIntensity(nonzero=True),
            ScaleIntensity(-1.0, 1.0),
        ]
    )
    image: Any = steps(MetaTensor(array[None], affine=torch.from_numpy(ras)))
    windows = SlidingWindowInferer((32, 32, 32), 1, 0.25, "gaussian", padding_mode="replicate")
    with torch.no_grad():
        classes = windows(image[None].as_tensor(), network)[0].argmax(0).numpy()
    there = inference.spaced(inference.oriented(chest.grid, "RAS"), (9.0,) * 3)
    expected = inference.onto(classes.astype(np.uint8), there, chest.grid, "nearest")
    lobes = found.items[0]
    assert isinstance(lobes, LabelMap)
    wanted = np.where((expected >= 13) & (expected <= 17), expected - 12, 0)
    assert len(np.unique(wanted)) >= 3
    assert (lobes.array == wanted).mean() > 0.998


def test_weights_of_another_network_are_refused_in_words(chest: Volume, tmp_path: Path) -> None:
    from medview_lung_segmentation.public import lungmask
    from medview_lung_segmentation.public.methods import run_public

    path = tmp_path / lungmask.R231
    inference.torch.save({"weight": inference.torch.zeros(3)}, path)
    with pytest.raises(WeightsError, match="not those of lungmask"):
        run_public(chest, "lungmask-r231", CollectingContext(weights={path.name: path}))
    path.write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(WeightsError, match="not loaded"):
        run_public(chest, "lungmask-r231", CollectingContext(weights={path.name: path}))


def test_without_installed_weights_the_error_names_the_file(chest: Volume) -> None:
    from medview_lung_segmentation.public.methods import run_public

    with pytest.raises(WeightsError, match="unet_r231-d5d2fc3d"):
        run_public(chest, "lungmask-r231", CollectingContext())
