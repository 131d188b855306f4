"""Public weights in their published layout run through the store, the network and findings."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import medview_lung_nodule_detection as plugin
import numpy as np
import pytest
from medview_lung_nodule_detection.params import Params
from medview_lung_nodule_detection.public import retinanet, search
from medview_lung_nodule_detection.public.run import run_public

from medview.api import Cancelled, Detections, LabelMap, Volume, WeightsError, inference
from medview.core.findings.checks import problems
from medview.core.geometry.box import BoxLps
from medview.host.catalogue import Catalogue
from medview.host.discovery import discover
from medview.host.params import build
from medview.host.weights import weights_resolver
from medview.host.weights_offers import WeightsOffer, public_offers
from medview.host.weights_store import WeightsStore
from medview.inference.boxes import ScoredBox
from medview.testing.context import CollectingContext
from medview.testing.phantoms import PhantomNodule, ThoraxAnatomy, thorax, thorax_grid

pytestmark = pytest.mark.torch

CENTRE = (80.0, 10.0, 20.0)


@pytest.fixture(scope="module")
def block() -> Volume:
    """A block of lung with a nodule of 14 mm, small enough for seconds on one core."""
    grid = thorax_grid((2.5, 1.6, 1.6), field_of_view_mm=(30.0, 60.0, 60.0), centre_lps_mm=CENTRE)
    nodule = PhantomNodule(CENTRE, 14.0)
    return thorax(grid, anatomy=ThoraxAnatomy(vessel_tips=40), nodules=(nodule,)).volume


@pytest.fixture(scope="module")
def chest() -> Volume:
    grid = thorax_grid(
        (2.5, 1.6, 1.6),
        field_of_view_mm=(60.0, 300.0, 350.0),
        centre_lps_mm=(0.0, 12.0, CENTRE[2]),
    )
    nodule = PhantomNodule(CENTRE, 14.0)
    return thorax(grid, anatomy=ThoraxAnatomy(vessel_tips=80), nodules=(nodule,)).volume


def whole(volume: Volume) -> search.Region:
    k, j, i = (slice(0, n) for n in volume.array.shape)
    return k, j, i


def random_network() -> Any:
    """Published shapes, and a bias under which random scores pass the threshold."""
    torch = inference.torch
    torch.manual_seed(2)
    network = retinanet.build().eval()
    with torch.no_grad():
        network.classification_head.cls_logits.bias.fill_(0.0)
    return network


@pytest.fixture
def installed(tmp_path: Path) -> tuple[Any, CollectingContext]:
    """A network, and a context in which its weights are installed as a user does it."""
    network = random_network()
    file = tmp_path / search.WEIGHTS
    inference.torch.save(network.state_dict(), file)
    handle = Catalogue(discover()).handle("lung-nodule-detection")
    offer = WeightsOffer(file.name, handle.id, "t", "p", "Apache-2.0", "", "https://example.org")
    store = WeightsStore(tmp_path / "store")
    with store.incoming(offer) as incoming:
        shutil.copy(file, incoming)
        store.add(offer, incoming, "file")
    resolve = weights_resolver(handle, tmp_path / "store", public=[offer])
    return network, CollectingContext(weights={file.name: resolve(file.name)})


def test_the_network_has_the_published_names_and_shapes() -> None:
    with inference.torch.device("meta"):
        shapes = {n: tuple(v.shape) for n, v in retinanet.build().state_dict().items()}
    assert shapes["feature_extractor.body.conv1.weight"] == (64, 1, 7, 7, 7)
    assert shapes["feature_extractor.body.layer1.0.downsample.0.weight"] == (256, 64, 1, 1, 1)
    assert shapes["feature_extractor.body.layer2.3.conv3.weight"] == (512, 128, 1, 1, 1)
    assert not any(".layer3." in name for name in shapes)
    assert shapes["feature_extractor.fpn.inner_blocks.1.weight"] == (256, 512, 1, 1, 1)
    assert shapes["classification_head.cls_logits.weight"] == (3, 256, 3, 3, 3)
    assert shapes["regression_head.bbox_reg.weight"] == (18, 256, 3, 3, 3)


def test_the_weights_are_in_the_public_catalogue() -> None:
    offered = {o.name for o in public_offers() if o.model == "lung-nodule-detection"}
    assert offered == {search.WEIGHTS}


# MONAI rounds sizes in a way that numpy deprecates; medview avoids that part of it.
@pytest.mark.filterwarnings("ignore:__array_wrap__:DeprecationWarning")
def test_boxes_are_those_of_the_bundles_detector_in_patient_space(
    block: Volume, installed: tuple[Any, CollectingContext]
) -> None:
    from monai.apps.detection.networks.retinanet_detector import RetinaNetDetector
    from monai.apps.detection.utils.anchor_utils import AnchorGeneratorWithAnchorShape
    from monai.data.meta_tensor import MetaTensor
    from monai.transforms.compose import Compose
    from monai.transforms.intensity.array import ScaleIntensityRange
    from monai.transforms.spatial.array import Orientation, Spacing

    network, ctx = installed
    torch = inference.torch
    swap = np.array([[0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1.0]])
    ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ block.grid.index_to_lps @ swap
    array = torch.from_numpy(block.array.transpose(2, 1, 0).astype(np.float32))
    steps = Compose(
        [
            Orientation("RAS", labels=None),
            Spacing((0.703125, 0.703125, 1.25)),
            ScaleIntensityRange(-1024, 300, 0, 1, clip=True),
        ]
    )
    image: Any = steps(MetaTensor(array[None], affine=torch.from_numpy(ras)))
    anchors = AnchorGeneratorWithAnchorShape(
        feature_map_scales=[1, 2, 4], base_anchor_shapes=[[6, 8, 4], [8, 6, 5], [10, 10, 6]]
    )
    detector = RetinaNetDetector(network, anchors).eval()
    detector.set_target_keys("box", "label")
    detector.set_box_selector_parameters(0.02, 1000, 0.22, 300)
    with torch.no_grad():
        (found,) = detector([image.as_tensor()])
    corners = found["box"].double().numpy().reshape(-1, 2, 3)
    places = (corners @ image.affine[:3, :3].numpy().T + image.affine[:3, 3].numpy()) * (-1, -1, 1)
    inside = block.grid.contains(places.mean(axis=1))
    scores = found["label_scores"].numpy()[inside]
    order = np.argsort(-scores, kind="stable")

    mine = search.find_nodules(block, whole(block), ctx)
    assert len(mine) == inside.sum() > 5
    np.testing.assert_allclose([m.score for m in mine], scores[order], atol=1e-5)
    np.testing.assert_allclose(
        [m.box.centre_lps_mm for m in mine], places.mean(axis=1)[inside][order], atol=0.05
    )
    sizes = np.abs(places[:, 1] - places[:, 0])[inside][order]
    np.testing.assert_allclose([m.box.size_mm for m in mine], sizes, atol=0.05)


def test_the_region_is_the_lungs_with_a_margin_and_lies_where_it_lay(block: Volume) -> None:
    lungs = np.zeros(block.array.shape, dtype=np.uint8)
    assert search.around(lungs, block.grid.spacing_mm) == whole(block)
    lungs[5:7, 20:22, 18:20] = 1
    region = search.around(lungs, (2.5, 1.6, 1.6))
    assert region == (slice(0, 12), slice(5, 37), slice(3, 35))
    image, grid = search.network_input(block, region, CollectingContext())
    full, everywhere = search.network_input(block, whole(block), CollectingContext())
    middle = np.asarray(image.shape[1:]) // 2
    there = everywhere.to_index(grid.to_lps(middle))
    low, high = np.floor(there).astype(int), np.ceil(there).astype(int)
    around = full[0][tuple(slice(a, b + 1) for a, b in zip(low, high, strict=True))]
    assert around.min() - 0.05 <= image[0][tuple(middle)] <= around.max() + 0.05


def test_a_volume_of_several_windows_is_seen_in_them(
    block: Volume, installed: tuple[Any, CollectingContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, ctx = installed
    monkeypatch.setattr(search, "WINDOW", (64, 64, 24))
    assert search.find_nodules(block, whole(block), ctx)
    told = [text for _, text in ctx.progress_reports if "window" in text]
    assert told[-1].endswith("window 4 of 4")


def test_a_box_gets_outline_and_measurements_of_what_it_holds(
    chest: Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    from medview_lung_nodule_detection.public import run

    there = ScoredBox(BoxLps(CENTRE, (15.0, 15.0, 15.0)), 0.9, 0)
    mediastinum = ScoredBox(BoxLps((0.0, 0.0, 20.0), (9.0, 9.0, 9.0)), 0.8, 0)
    weak = ScoredBox(BoxLps((-80.0, 10.0, 20.0), (9.0, 9.0, 9.0)), 0.2, 0)
    monkeypatch.setattr(run, "find_nodules", lambda source, region, ctx: [there, mediastinum, weak])
    ctx = CollectingContext()
    found = run_public(chest, Params(score_threshold=0.5), ctx)
    assert problems(found, chest) == []
    detections, outlines = found.items
    assert isinstance(detections, Detections)
    assert isinstance(outlines, LabelMap)
    first = detections.items[0]
    assert first.centre == CENTRE
    values = {q.name: q.value for q in first.measurements}
    assert values["Mean diameter"] == pytest.approx(14.0, abs=1.5)
    assert values["Side"] == "left"
    assert all(d.score >= 0.5 for d in detections.items)
    index = tuple(np.rint(chest.grid.to_index(CENTRE)).astype(int))
    assert outlines.array[index] == 1
    fractions = [f for f, _ in ctx.progress_reports if f is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_the_whole_way_gives_sound_findings_or_stops_when_asked(
    block: Volume, installed: tuple[Any, CollectingContext]
) -> None:
    _, ctx = installed
    chosen = build(plugin.Params, {"method": "monai-retinanet", "score_threshold": 0.05})
    found = plugin.run(block, chosen, ctx)
    assert problems(found, block) == []
    boxes = found.items[0]
    assert isinstance(boxes, Detections)
    assert 0 < len(boxes.items) <= chosen.max_findings
    ctx.token.cancel()
    with pytest.raises(Cancelled):
        run_public(block, Params(), ctx)


def test_without_installed_weights_the_error_names_the_file(block: Volume) -> None:
    with pytest.raises(WeightsError, match="model_lung_nodule_ct_detection"):
        run_public(block, Params(), CollectingContext())
