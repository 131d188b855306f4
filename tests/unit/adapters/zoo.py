"""The three kinds of bundle, small: configs as in the zoo, networks with few channels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from monai.apps.detection.networks.retinanet_network import RetinaNet
from monai.networks.nets.densenet import DenseNet121
from monai.networks.nets.resnet import ResNet
from monai.networks.nets.segresnet import SegResNet
from monai.networks.nets.unet import UNet

from medview.inference.feature_pyramid import FeaturePyramid
from tests.unit.adapters.bundle_writer import (
    base_config,
    compose,
    metadata_of,
    saving,
    segmentation_output,
    volume_steps,
    write_bundle,
)

RANGE = {
    "_target_": "ScaleIntensityRanged", "keys": "image",
    "a_min": -57, "a_max": 164, "b_min": 0, "b_max": 1, "clip": True,
}  # fmt: skip


def unet_bundle(folder: Path) -> tuple[Path, torch.nn.Module]:
    """As spleen_ct_segmentation: softmax, inverse of scores, then the likeliest class."""
    arguments: dict[str, Any] = {
        "spatial_dims": 3, "in_channels": 1, "out_channels": 2, "channels": [4, 8, 16],
        "strides": [2, 2], "num_res_units": 2, "norm": "batch",
    }  # fmt: skip
    torch.manual_seed(3)
    network = UNet(**arguments).eval()
    with torch.no_grad():
        scores = network(torch.rand(1, 1, 32, 32, 32))[0]
        last = [value for value in network.parameters() if value.shape == (2,)][-1]
        last[1] -= (scores[1] - scores[0]).median()  # else one class would be everywhere
    config = base_config()
    config["network_def"] = {"_target_": "UNet", **arguments}
    config["preprocessing"] = volume_steps([1.5, 1.5, 2.0], RANGE)
    config["inferer"] = {
        "_target_": "SlidingWindowInferer",
        "roi_size": [32, 32, 32],
        "sw_batch_size": 4,
        "overlap": 0.5,
    }
    config["postprocessing"] = compose(
        {"_target_": "Activationsd", "keys": "pred", "softmax": True},
        {
            "_target_": "Invertd", "keys": "pred", "transform": "@preprocessing",
            "orig_keys": "image", "nearest_interp": False, "to_tensor": True,
        },
        {"_target_": "AsDiscreted", "keys": "pred", "argmax": True},
        saving(),
    )  # fmt: skip
    metadata = metadata_of(
        "Decathlon spleen segmentation", output=segmentation_output(["background", "spleen"])
    )
    return write_bundle(folder, config, metadata, network), network


def segresnet_bundle(folder: Path, classes: int = 6) -> tuple[Path, torch.nn.Module]:
    """As wholeBody_ct_segmentation: settings, z-score, labels brought back by the nearest."""
    arguments: dict[str, Any] = {
        "spatial_dims": 3, "in_channels": 1, "out_channels": classes, "init_filters": 8,
        "blocks_down": [1, 1], "blocks_up": [1], "dropout_prob": 0.2,
    }  # fmt: skip
    torch.manual_seed(4)
    network = SegResNet(**arguments).eval()
    config = base_config()
    config["displayable_configs"] = {"highres": True, "sw_overlap": 0.25, "sw_batch_size": 1}
    config["image_key"] = "image"
    config["pixdim"] = "$[2.0, 2.0, 2.0] if @displayable_configs#highres else [3.0, 3.0, 3.0]"
    config["modelname"] = "$'model.pt' if @displayable_configs#highres else 'model_lowres.pt'"
    config["network_def"] = {"_target_": "SegResNet", **arguments}
    config["checkpointloader"]["load_path"] = "$@bundle_root + '/models/' + @modelname"
    config["preprocessing"] = volume_steps(
        "@pixdim",
        {"_target_": "NormalizeIntensityd", "keys": "@image_key", "nonzero": True},
        {"_target_": "ScaleIntensityd", "keys": "@image_key", "minv": -1.0, "maxv": 1.0},
    )
    config["inferer"] = {
        "_target_": "SlidingWindowInferer", "roi_size": [24, 24, 24],
        "sw_batch_size": "@displayable_configs#sw_batch_size",
        "overlap": "@displayable_configs#sw_overlap",
        "padding_mode": "replicate", "mode": "gaussian", "device": "@device",
    }  # fmt: skip
    config["postprocessing"] = compose(
        {"_target_": "Activationsd", "keys": "pred", "softmax": True},
        {"_target_": "AsDiscreted", "keys": "pred", "argmax": True},
        {
            "_target_": "Invertd", "keys": "pred", "transform": "@preprocessing",
            "orig_keys": "@image_key", "nearest_interp": True, "to_tensor": True,
        },
        saving(),
    )  # fmt: skip
    names = ["background", *(f"organ {n}" for n in range(1, classes))]
    metadata = metadata_of("TotalSegmentator", output=segmentation_output(names))
    write_bundle(folder, config, metadata, network, wrapped=True)
    torch.manual_seed(5)
    other = SegResNet(**arguments).state_dict()
    torch.save(other, folder / "models/model_lowres.pt")
    return folder, network


INFERER = """
from monai.inferers import Inferer


class RetinaNetInferer(Inferer):
    def __init__(self, detector):
        Inferer.__init__(self)
        self.detector = detector
"""


def retinanet_bundle(folder: Path) -> tuple[Path, torch.nn.Module]:
    """As lung_nodule_ct_detection, with a smaller backbone."""
    network = small_retinanet()
    config = base_config()
    del config["checkpointloader"], config["initialize"], config["run"]
    config["imports"] = ["$import glob", "$import os"]
    config |= {
        "whether_raw_luna16": False,
        "whether_resampled_luna16": "$(not @whether_raw_luna16)",
        "infer_patch_size": [64, 64, 32],
        "anchor_generator": {
            "_target_": "monai.apps.detection.utils.anchor_utils.AnchorGeneratorWithAnchorShape",
            "feature_map_scales": [1, 2],
            "base_anchor_shapes": [[6, 8, 4], [8, 6, 5], [10, 10, 6]],
        },
        "backbone": "$monai.networks.nets.resnet.ResNet('basic',[1,1,1,1],[4,8,16,32],"
        "spatial_dims=3,n_input_channels=1,conv1_t_stride=[2,2,1],conv1_t_size=[7,7,7])",
        "feature_extractor": "$monai.apps.detection.networks.retinanet_network."
        "resnet_fpn_feature_extractor(@backbone,3,False,[1],None)",
        "network_def": {
            "_target_": "RetinaNet", "spatial_dims": 3, "num_classes": 1, "num_anchors": 3,
            "feature_extractor": "@feature_extractor", "size_divisible": [16, 16, 8],
            "use_list_output": False,
        },
        "detector": {
            "_target_": "RetinaNetDetector", "network": "@network",
            "anchor_generator": "@anchor_generator", "debug": False,
        },
        "detector_ops": [
            "$@detector.set_target_keys(box_key='box', label_key='label')",
            "$@detector.set_box_selector_parameters(score_thresh=0.02,"
            "topk_candidates_per_level=1000,nms_thresh=0.22,detections_per_img=300)",
            "$@detector.set_sliding_window_inferer(roi_size=@infer_patch_size,overlap=0.25,"
            "sw_batch_size=1,mode='constant',device='cpu')",
        ],
        "inferer": {
            "_target_": "scripts.detection_inferer.RetinaNetInferer", "detector": "@detector",
        },
        "handlers": [
            {
                "_target_": "CheckpointLoader",
                "load_path": "$@bundle_root + '/models/model.pt'",
                "load_dict": {"model": "@network"},
            }
        ],
    }  # fmt: skip
    raw = {"_disabled_": "@whether_resampled_luna16"}
    config["preprocessing"] = compose(
        {"_target_": "LoadImaged", "keys": "image", "_disabled_": "@whether_raw_luna16"},
        {
            "_target_": "LoadImaged", "keys": "image", "reader": "itkreader",
            "affine_lps_to_ras": True, **raw,
        },
        {"_target_": "EnsureChannelFirstd", "keys": "image"},
        {"_target_": "Orientationd", "keys": "image", "axcodes": "RAS"},
        {"_target_": "Spacingd", "keys": "image", "pixdim": [0.703125, 0.703125, 1.25], **raw},
        {
            "_target_": "ScaleIntensityRanged", "keys": "image", "a_min": -1024.0,
            "a_max": 300.0, "b_min": 0.0, "b_max": 1.0, "clip": True,
        },
        {"_target_": "EnsureTyped", "keys": "image"},
    )  # fmt: skip
    config["postprocessing"] = compose(
        {
            "_target_": "ClipBoxToImaged", "box_keys": "box", "label_keys": "label",
            "box_ref_image_keys": "image", "remove_empty": True,
        },
        {
            "_target_": "AffineBoxToWorldCoordinated", "box_keys": "box",
            "box_ref_image_keys": "image", "image_meta_key_postfix": "meta_dict",
            "affine_lps_to_ras": True,
        },
        {
            "_target_": "ConvertBoxModed", "box_keys": "box", "src_mode": "xyzxyz",
            "dst_mode": "cccwhd",
        },
    )  # fmt: skip
    output = {"type": "object", "format": "dict", "dtype": "float16", "num_channels": 1}
    metadata = metadata_of("CT lung nodule detection", shape=["16*n", "16*n", "8*n"], output=output)
    scripts = {"__init__.py": "", "detection_inferer.py": INFERER}
    return write_bundle(folder, config, metadata, network, scripts=scripts), network


def small_retinanet() -> torch.nn.Module:
    torch.manual_seed(6)
    backbone = ResNet(
        "basic",
        [1, 1, 1, 1],
        [4, 8, 16, 32],
        spatial_dims=3,
        n_input_channels=1,
        conv1_t_stride=[2, 2, 1],  # type: ignore[arg-type]
        conv1_t_size=[7, 7, 7],  # type: ignore[arg-type]
    )
    network = RetinaNet(
        spatial_dims=3,
        num_classes=1,
        num_anchors=3,
        feature_extractor=FeaturePyramid(backbone, [1]),
        size_divisible=[16, 16, 8],
    )
    with torch.no_grad():
        for name, value in network.named_parameters():
            if "cls_logits.bias" in name:
                value.fill_(0.0)  # else random scores would all lie below the threshold
    return network.eval()


def densenet_bundle(
    folder: Path, *, activation: str = "softmax", channels: int = 3
) -> tuple[Path, torch.nn.Module]:
    """A classifier of photographs in the manner of breast_density_classification."""
    arguments: dict[str, Any] = {
        "spatial_dims": 2, "in_channels": channels, "out_channels": 4,
        "init_features": 8, "growth_rate": 4,
    }  # fmt: skip
    torch.manual_seed(7)
    network = DenseNet121(**arguments).eval()
    config = base_config()
    config["import"] = config.pop("imports")
    config["network_def"] = {"_target_": "DenseNet121", **arguments}
    config["preprocessing"] = compose(
        {"_target_": "LoadImaged", "keys": "image"},
        {"_target_": "EnsureChannelFirstd", "keys": "image"},
        {"_target_": "ScaleIntensityd", "keys": "image", "minv": 0.0, "maxv": 1.0},
        {"_target_": "Resized", "keys": "image", "spatial_size": [64, 64]},
    )
    config["inferer"] = {"_target_": "SimpleInferer"}
    config["postprocessing"] = compose(
        {"_target_": "Activationsd", "keys": "pred", activation: True}
    )
    output = {
        "type": "image",
        "format": "labels",
        "num_channels": 4,
        "spatial_shape": [1, 4],
        "channel_def": {"0": "A", "1": "B", "2": "C", "3": "D"},
    }
    metadata = metadata_of(
        "Breast Density Classification",
        modality="Mammogram",
        shape=[64, 64],
        channels=channels,
        output=output,
    )
    return write_bundle(folder, config, metadata, network), network


def sigmoid_bundle(folder: Path) -> tuple[Path, torch.nn.Module]:
    """Structures that may overlap, as in brats_mri_segmentation, here from one image."""
    folder, network = segresnet_bundle(folder, classes=3)
    path = folder / "configs/inference.json"
    config = json.loads(path.read_text())
    config["postprocessing"] = compose(
        {"_target_": "Activationsd", "keys": "pred", "sigmoid": True},
        {"_target_": "AsDiscreted", "keys": "pred", "threshold": 0.5},
        {"_target_": "ScaleIntensityd", "keys": "pred"},
        saving(),
    )
    path.write_text(json.dumps(config))
    metadata = metadata_of("Tumour segmentation", output=segmentation_output(["TC", "WT", "ET"]))
    (folder / "configs/metadata.json").write_text(json.dumps(metadata))
    return folder, network
