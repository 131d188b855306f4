"""Writes small bundles in the public structure of the model zoo, with random weights."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

DEVICE = "$torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')"


def write_bundle(
    folder: Path,
    config: dict[str, Any],
    metadata: dict[str, Any],
    network: torch.nn.Module,
    *,
    wrapped: bool = False,
    scripts: dict[str, str] | None = None,
) -> Path:
    for name in ("configs", "models", "docs"):
        (folder / name).mkdir(parents=True)
    (folder / "configs/inference.json").write_text(json.dumps(config, indent=4))
    (folder / "configs/metadata.json").write_text(json.dumps(metadata, indent=4))
    (folder / "LICENSE").write_text("Apache License, Version 2.0, January 2004\n")
    (folder / "docs/README.md").write_text("# Model overview\n")
    state = network.state_dict()
    torch.save({"model": state} if wrapped else state, folder / "models/model.pt")
    for name, text in (scripts or {}).items():
        path = folder / "scripts" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


def metadata_of(
    task: str,
    *,
    modality: str = "CT",
    shape: Sequence[Any] = (96, 96, 96),
    channels: int = 1,
    output: dict[str, Any],
) -> dict[str, Any]:
    return {
        "schema": "https://example.org/meta_schema.json",
        "version": "0.2.1",
        "changelog": {"0.2.1": "first"},
        "monai_version": "1.4.0",
        "pytorch_version": "2.4.0",
        "numpy_version": "1.24.4",
        "required_packages_version": {"nibabel": "5.2.1", "pytorch-ignite": "0.4.11"},
        "supported_apps": {},
        "task": task,
        "description": "A model for tests with random weights",
        "authors": "A team",
        "copyright": "Copyright (c) A team",
        "data_source": "random numbers",
        "data_type": "nibabel",
        "eval_metrics": {"mean_dice": 0.96},
        "intended_use": "This is an example, not to be used for diagnostic purposes",
        "references": ["A paper"],
        "network_data_format": {
            "inputs": {
                "image": {
                    "type": "image",
                    "format": "hounsfield",
                    "modality": modality,
                    "num_channels": channels,
                    "spatial_shape": list(shape),
                    "dtype": "float32",
                    "value_range": [0, 1],
                    "is_patch_data": True,
                    "channel_def": {"0": "image"},
                }
            },
            "outputs": {"pred": output},
        },
    }


def segmentation_output(names: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "image",
        "format": "segmentation",
        "num_channels": len(names),
        "spatial_shape": [96, 96, 96],
        "dtype": "float32",
        "value_range": [0, 1],
        "is_patch_data": True,
        "channel_def": {str(n): name for n, name in enumerate(names)},
    }


def base_config() -> dict[str, Any]:
    """What every inference config of the zoo has beside network and steps."""
    return {
        "imports": ["$import glob", "$import os", "$import numpy"],
        "bundle_root": ".",
        "output_dir": "$@bundle_root + '/eval'",
        "dataset_dir": "/workspace/data/nowhere",
        "datalist": "$list(sorted(glob.glob(@dataset_dir + '/imagesTs/*.nii.gz')))",
        "device": DEVICE,
        "network": "$@network_def.to(@device)",
        "dataset": {
            "_target_": "Dataset",
            "data": "$[{'image': i} for i in @datalist]",
            "transform": "@preprocessing",
        },
        "dataloader": {
            "_target_": "DataLoader",
            "dataset": "@dataset",
            "batch_size": 1,
            "num_workers": 4,
        },
        "checkpointloader": {
            "_target_": "CheckpointLoader",
            "load_path": "$@bundle_root + '/models/model.pt'",
            "load_dict": {"model": "@network"},
        },
        "evaluator": {
            "_target_": "SupervisedEvaluator",
            "device": "@device",
            "val_data_loader": "@dataloader",
            "network": "@network",
            "inferer": "@inferer",
            "postprocessing": "@postprocessing",
            "amp": True,
        },
        "initialize": ["$monai.utils.set_determinism(seed=123)", "$@checkpointloader(@evaluator)"],
        "run": ["$@evaluator.run()"],
    }


def compose(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"_target_": "Compose", "transforms": list(steps)}


def volume_steps(pixdim: Any, *values: dict[str, Any], mode: str = "bilinear") -> dict[str, Any]:
    return compose(
        {"_target_": "LoadImaged", "keys": "image"},
        {"_target_": "EnsureChannelFirstd", "keys": "image"},
        {"_target_": "Orientationd", "keys": "image", "axcodes": "RAS"},
        {"_target_": "Spacingd", "keys": "image", "pixdim": pixdim, "mode": mode},
        *values,
        {"_target_": "EnsureTyped", "keys": "image"},
    )


def saving() -> dict[str, Any]:
    return {"_target_": "SaveImaged", "keys": "pred", "output_dir": "@output_dir"}
