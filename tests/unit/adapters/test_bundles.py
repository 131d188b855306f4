"""Bundles in the public layout give what their networks give when they are called directly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from monai.apps.detection.networks.retinanet_detector import RetinaNetDetector
from monai.apps.detection.utils.anchor_utils import AnchorGeneratorWithAnchorShape
from monai.data.meta_tensor import MetaTensor
from monai.inferers.inferer import SlidingWindowInferer
from monai.transforms.compose import Compose
from monai.transforms.intensity.array import ScaleIntensity
from monai.transforms.intensity.dictionary import (
    NormalizeIntensityd,
    ScaleIntensityd,
    ScaleIntensityRanged,
)
from monai.transforms.post.dictionary import Invertd
from monai.transforms.spatial.dictionary import Orientationd, Spacingd

from medview.core.data.image2d import Image2D
from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.errors import ModelError
from medview.core.findings.detections import Detections
from medview.core.findings.grades import Grades
from medview.core.findings.labelmap import LabelMap
from medview.core.findings.measurements import Measurements
from medview.core.progress import Cancelled
from medview.testing.context import CollectingContext
from tests.unit.adapters.zoo import (
    densenet_bundle,
    retinanet_bundle,
    segresnet_bundle,
    sigmoid_bundle,
    unet_bundle,
)

pytestmark = pytest.mark.torch


def as_metatensor(source: Volume) -> MetaTensor:
    """As MONAI's own reader would have loaded the volume from a NIfTI file."""
    swap = np.array([[0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1.0]])
    ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ source.grid.index_to_lps @ swap
    array = torch.from_numpy(source.array.transpose(2, 1, 0).astype(np.float32))
    return MetaTensor(array[None], affine=torch.from_numpy(ras))


def agreement(mine: np.ndarray, theirs: torch.Tensor) -> float:
    return float((mine == theirs[0].numpy().transpose(2, 1, 0)).mean())


def test_a_unet_bundle_gives_the_masks_of_monais_own_pipeline(
    tmp_path: Path, ct: Volume, run_file: Any
) -> None:
    folder, network = unet_bundle(tmp_path / "spleen_ct_segmentation")
    steps = Compose(
        [
            Orientationd("image", "RAS", labels=None),
            Spacingd("image", (1.5, 1.5, 2.0), mode="bilinear"),
            ScaleIntensityRanged("image", -57, 164, 0, 1, clip=True),
        ]
    )
    data = steps({"image": as_metatensor(ct)})
    with torch.no_grad():
        scores = SlidingWindowInferer((32, 32, 32), 4, 0.5)(data["image"][None], network)
    data["pred"] = torch.softmax(scores[0], 0)
    back = Invertd("pred", steps, orig_keys="image", nearest_interp=False)(data)["pred"]
    expected = back.argmax(0, keepdim=True)

    findings, _ = run_file(folder, ct)
    labels = findings.items[0]
    assert isinstance(labels, LabelMap)
    assert [one.name for one in labels.labels] == ["spleen"]
    assert 0.05 < (labels.array == 1).mean() < 0.95
    assert agreement(labels.array, expected) > 0.9995


def test_a_segresnet_bundle_gives_the_labels_of_monais_own_pipeline(
    tmp_path: Path, ct: Volume, run_file: Any
) -> None:
    folder, network = segresnet_bundle(tmp_path / "wholeBody_ct_segmentation")
    steps = Compose(
        [
            Orientationd("image", "RAS", labels=None),
            Spacingd("image", (2.0, 2.0, 2.0), mode="bilinear"),
            NormalizeIntensityd("image", nonzero=True),
            ScaleIntensityd("image", minv=-1.0, maxv=1.0),
        ]
    )
    data = steps({"image": as_metatensor(ct)})
    windows = SlidingWindowInferer((24, 24, 24), 1, 0.25, "gaussian", padding_mode="replicate")
    with torch.no_grad():
        scores = windows(data["image"][None], network)
    data["pred"] = scores[0].argmax(0, keepdim=True).float()
    expected = Invertd("pred", steps, orig_keys="image", nearest_interp=True)(data)["pred"]

    findings, _ = run_file(folder, ct)
    labels, volumes = findings.items
    assert isinstance(labels, LabelMap)
    assert isinstance(volumes, Measurements)
    assert len(np.unique(labels.array)) >= 3
    assert agreement(labels.array, expected) > 0.999
    first = labels.labels[int(np.unique(labels.array)[-1]) - 1]
    found = next(q for q in volumes.items if q.name.startswith(first.name))
    assert found.value == pytest.approx(labels.volume_ml(first.value), abs=0.01)


def test_structures_that_overlap_are_the_thresholded_scores_of_their_channels(
    tmp_path: Path, ct: Volume, run_file: Any
) -> None:
    folder, network = sigmoid_bundle(tmp_path / "tumour")
    steps = Compose(
        [
            Orientationd("image", "RAS", labels=None),
            Spacingd("image", (2.0, 2.0, 2.0), mode="bilinear"),
            NormalizeIntensityd("image", nonzero=True),
            ScaleIntensityd("image", minv=-1.0, maxv=1.0),
        ]
    )
    data = steps({"image": as_metatensor(ct)})
    windows = SlidingWindowInferer((24, 24, 24), 1, 0.25, "gaussian", padding_mode="replicate")
    with torch.no_grad():
        scores = windows(data["image"][None], network)
    data["pred"] = (torch.sigmoid(scores[0]) > 0.5).float()
    expected = Invertd("pred", steps, orig_keys="image", nearest_interp=True)(data)["pred"]

    findings, ctx = run_file(folder, ct)
    masks = [item for item in findings.items if isinstance(item, LabelMap)]
    assert [m.name for m in masks] == ["TC", "WT", "ET"]
    assert any(0 < m.array.mean() < 1 for m in masks)
    for n, mask in enumerate(masks):
        assert agreement(mask.array, expected[n : n + 1]) > 0.999
    # A step that medview does not know is left out, and that is told.
    assert [w.code for w in ctx.warnings] == ["step-left-out"]


def test_a_setting_of_the_author_chooses_other_weights_and_spacing(
    tmp_path: Path, ct: Volume, run_file: Any
) -> None:
    folder, _ = segresnet_bundle(tmp_path / "whole")
    high, _ = run_file(folder, ct)
    (tmp_path / "again").mkdir()
    other, _ = segresnet_bundle(tmp_path / "again" / "other")
    low, _ = run_file(other, ct, highres=False)
    assert (high.items[0].array != low.items[0].array).mean() > 0.05


# MONAI rounds sizes in a way that numpy deprecates; medview avoids that part of it.
@pytest.mark.filterwarnings("ignore:__array_wrap__:DeprecationWarning")
def test_a_retinanet_bundle_gives_the_boxes_of_its_detector_in_patient_space(
    tmp_path: Path, small_ct: Volume, run_file: Any
) -> None:
    folder, network = retinanet_bundle(tmp_path / "lung_nodule_ct_detection")
    steps = Compose(
        [
            Orientationd("image", "RAS", labels=None),
            Spacingd("image", (0.703125, 0.703125, 1.25)),
            ScaleIntensityRanged("image", -1024.0, 300.0, 0, 1, clip=True),
        ]
    )
    image = steps({"image": as_metatensor(small_ct)})["image"]
    anchors = AnchorGeneratorWithAnchorShape(
        feature_map_scales=[1, 2], base_anchor_shapes=[[6, 8, 4], [8, 6, 5], [10, 10, 6]]
    )
    detector = RetinaNetDetector(network, anchors).eval()
    detector.set_target_keys(box_key="box", label_key="label")
    detector.set_box_selector_parameters(0.02, 1000, 0.22, 300)
    # The volume is 24 deep, and medview fills no window up to more than the volume.
    detector.set_sliding_window_inferer((64, 64, 24), 1, 0.25, "constant", device="cpu")
    with torch.no_grad():
        (found,) = detector([image.as_tensor()], use_inferer=True)
    corners = found["box"].double().numpy().reshape(-1, 2, 3)
    ras = corners @ image.affine[:3, :3].numpy().T + image.affine[:3, 3].numpy()
    lps = ras * (-1, -1, 1)
    expected = np.concatenate([lps.mean(1), np.abs(lps[:, 1] - lps[:, 0])], axis=1)

    findings, _ = run_file(folder, small_ct, score_threshold=0.0)
    detections = findings.items[0]
    assert isinstance(detections, Detections)
    mine = np.array([(*d.centre, *d.size) for d in detections.items])
    inside = small_ct.grid.contains(expected[:, :3])
    assert len(mine) == inside.sum() > 20
    order = np.argsort(-found["label_scores"].numpy()[inside], kind="stable")
    np.testing.assert_allclose(mine, expected[inside][order], atol=0.05)
    best = max(d.score for d in detections.items)
    stronger, _ = run_file(retinanet_bundle(tmp_path / "again")[0], small_ct, score_threshold=best)
    assert 1 <= len(stronger.items[0].items) < len(detections.items)


@pytest.mark.parametrize("activation", ["softmax", "sigmoid"])
def test_a_densenet_bundle_gives_the_shares_of_its_network(
    tmp_path: Path, run_file: Any, activation: str
) -> None:
    folder, network = densenet_bundle(tmp_path / "density", activation=activation)
    pixels = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    info = SourceInfo("image", modality="MG", intensity=Intensity.RGB)
    image = torch.from_numpy(pixels.transpose(2, 1, 0).astype(np.float32))
    with torch.no_grad():
        scores = network(ScaleIntensity(0.0, 1.0)(image)[None])[0]
    shares = torch.softmax(scores, 0) if activation == "softmax" else torch.sigmoid(scores)

    findings, ctx = run_file(folder, Image2D(pixels, info=info))
    grades = findings.items[0]
    assert isinstance(grades, Grades)
    assert [c.name for c in grades.classes] == ["A", "B", "C", "D"]
    np.testing.assert_allclose(
        [c.probability for c in grades.classes], shares / shares.sum(), atol=1e-4
    )
    assert grades.reported == "ABCD"[int(shares.argmax())]
    assert ("scores-scaled" in {w.code for w in ctx.warnings}) == (activation == "sigmoid")


def test_a_run_can_be_cancelled_between_windows(tmp_path: Path, ct: Volume, installed: Any) -> None:
    from medview.inference import adapters

    for make in (segresnet_bundle, retinanet_bundle):
        model, ctx = installed(make(tmp_path / make.__name__)[0])
        stopping = CollectingContext(weights=ctx._weights, cancel_after=40)
        with pytest.raises(Cancelled):
            adapters.run(model, ct, None, stopping)


def test_weights_of_another_network_are_refused_in_words(
    tmp_path: Path, ct: Volume, run_file: Any
) -> None:
    folder, _ = unet_bundle(tmp_path / "one")
    torch.save({"model.0.weight": torch.zeros(1)}, folder / "models/model.pt")
    with pytest.raises(ModelError, match="not those of this network"):
        run_file(folder, ct)


def test_a_step_that_fails_is_named(tmp_path: Path, ct: Volume, run_file: Any) -> None:
    import json

    folder, _ = unet_bundle(tmp_path / "one")
    path = folder / "configs/inference.json"
    config = json.loads(path.read_text())
    config["preprocessing"]["transforms"].append(
        {"_target_": "Lambdad", "keys": "image", "func": "$lambda x: 1 / 0"}
    )
    path.write_text(json.dumps(config))
    with pytest.raises(ModelError, match="Lambdad"):
        run_file(folder, ct)


def test_steps_on_labels_are_made_as_the_bundle_asks(
    tmp_path: Path, small_ct: Volume, run_file: Any
) -> None:
    import json

    from scipy.ndimage import label

    found = []
    for name in ("plain", "cleaned"):
        folder, _ = segresnet_bundle(tmp_path / name)
        path = folder / "configs/inference.json"
        config = json.loads(path.read_text())
        step = {"_target_": "KeepLargestConnectedComponentd", "keys": "pred", "independent": True}
        config["postprocessing"]["transforms"] += [step] if name == "cleaned" else []
        path.write_text(json.dumps(config))
        found.append(run_file(folder, small_ct)[0].items[0].array)

    plain, cleaned = found
    touching = np.ones((3, 3, 3))
    values = [v for v in np.unique(plain) if v]
    assert max(label(plain == v, touching)[1] for v in values) > 1
    assert all(label(cleaned == v, touching)[1] == 1 for v in values)


def test_scripts_of_a_bundle_are_forgotten_after_its_run(
    tmp_path: Path, small_ct: Volume, run_file: Any
) -> None:
    import sys

    run_file(retinanet_bundle(tmp_path / "nodules")[0], small_ct)
    assert "scripts" not in sys.modules
    assert not any(str(tmp_path) in entry for entry in sys.path)
