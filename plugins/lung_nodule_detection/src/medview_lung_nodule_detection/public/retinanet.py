"""The 3D RetinaNet of lung_nodule_ct_detection and the settings of its detector."""

from __future__ import annotations

from typing import Any

from medview.api import inference

CLASSES, ANCHORS = 1, 3
STRIDES = (16, 16, 8)
"""Sizes that the network's maps divide, along x, y, z."""
LAYERS = (1, 2)
ANCHOR_SCALES = (1, 2, 4)
ANCHOR_SHAPES = ((6, 8, 4), (8, 6, 5), (10, 10, 6))
"""Voxels along x, y, z on the finest map."""

LEAST_SCORE = 0.02
MOST_PER_LEVEL, MOST_BOXES = 1000, 300
OVERLAP_OF_BOXES = 0.22


def build() -> Any:
    """The network with random weights: ResNet-50, feature pyramid, two heads."""
    resnet, retinanet = inference.import_monai(
        "networks.nets.resnet", "apps.detection.networks.retinanet_network"
    )
    backbone = resnet.resnet50(
        spatial_dims=3, n_input_channels=1, conv1_t_stride=[2, 2, 1], conv1_t_size=[7, 7, 7]
    )
    return retinanet.RetinaNet(
        spatial_dims=3,
        num_classes=CLASSES,
        num_anchors=ANCHORS,
        feature_extractor=inference.FeaturePyramid(backbone, LAYERS),
        size_divisible=STRIDES,
    )


def detector_of(network: Any) -> Any:
    """MONAI's detector around the network, as the bundle sets it."""
    detectors, anchors = inference.import_monai(
        "apps.detection.networks.retinanet_detector", "apps.detection.utils.anchor_utils"
    )
    generator = anchors.AnchorGeneratorWithAnchorShape(
        feature_map_scales=ANCHOR_SCALES, base_anchor_shapes=ANCHOR_SHAPES
    )
    detector = detectors.RetinaNetDetector(network, generator, size_divisible=STRIDES)
    detector.set_target_keys(box_key="box", label_key="label")
    detector.set_box_selector_parameters(
        score_thresh=LEAST_SCORE,
        topk_candidates_per_level=MOST_PER_LEVEL,
        nms_thresh=OVERLAP_OF_BOXES,
        detections_per_img=MOST_BOXES,
    )
    return detector.eval()
