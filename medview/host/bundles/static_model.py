"""`StaticModel`: all that is known of a bundle or manifest before anyone agrees to run it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from medview.host.bundles.cards import bundle_card, manifest_card, weights_name
from medview.host.bundles.files import MANIFEST, METADATA, ModelFiles, recognise, refused
from medview.host.bundles.inference_config import Setting, read_inference_config, weights_of
from medview.host.bundles.manifest import read_manifest
from medview.host.bundles.metadata import Task, read_metadata
from medview.host.card import ModelCard
from medview.host.card_checks import card_problems

_BASE = ("medview-imaging", "numpy>=2.2")
_TORCH = ("torch>=2.9", "monai>=1.5", "scipy>=1.15")
_FURTHER = {
    "einops": "einops>=0.6",
    "torchvision": "torchvision",
    "timm": "timm",
    "transformers": "transformers",
}
"""Packages of a bundle's list that networks need; the others read and write files."""

_YAML = "PyYAML>=6"


@dataclass(frozen=True, slots=True)
class StaticModel:
    """A model that is a file, described.

    Attributes
    ----------
    id, distribution, module, version : str
        Names that its package gets.
    kind : {"segmentation", "detection", "classification"}
    card : ModelCard
    requires : tuple of str
        PEP 508 requirements of its package.
    runs_code : bool
        Whether it brings code of its own: expressions in its config, scripts, TorchScript.
    settings : tuple of (name, value)
        What its author lets people change.
    weights : tuple of (member, name)
        Files that become the package's ``weights/``.
    notes : tuple of str
        Sentences for people who are asked to agree.
    """

    id: str
    distribution: str
    module: str
    version: str
    kind: Task
    card: ModelCard
    requires: tuple[str, ...]
    runs_code: bool
    settings: tuple[tuple[str, Setting], ...]
    weights: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def read_model(path: Path) -> StaticModel:
    """Read a bundle or manifest; nothing of it is executed.

    Parameters
    ----------
    path : Path
        A folder, a zip, or the manifest.

    Raises
    ------
    InputError
        If it is neither, is damaged, or is of a kind that medview cannot run.
    """
    kind = recognise(path)
    if kind is None:
        raise refused("It is neither a MONAI bundle nor does it have a medview_model.json.")
    files = ModelFiles(path)
    model = _manifest(files) if kind == "manifest" else _bundle(files)
    if problems := card_problems(model.card, model.id):
        raise refused(" ".join(problems))
    return model


def _bundle(files: ModelFiles) -> StaticModel:
    config = read_inference_config(files)
    metadata = read_metadata(
        files.text(METADATA), stem=files.stem, has_detector=config.has_detector
    )
    model_id = _id_of(files.stem, metadata.version)
    members = weights_of(files)
    names = [weights_name(member) for member in members]
    if len(set(names)) != len(names):
        raise refused("Two of its weights files have the same name.")
    needed = tuple(
        _FURTHER[name]
        for name, _ in metadata.packages
        if name in _FURTHER and (name != "torchvision" or config.names_torchvision)
    )
    if not config.name.endswith(".json"):
        needed = (*needed, _YAML)
    notes = ["Its config and scripts are programs: they run only in a process of their own."]
    if metadata.task != "detection" and not metadata.classes:
        notes.append("It does not name its classes; they are shown with numbers.")
    return StaticModel(
        id=model_id,
        distribution=f"medview-model-{model_id}",
        module=f"medview_model_{model_id.replace('-', '_')}",
        version=metadata.version,
        kind=metadata.task,
        card=bundle_card(model_id, metadata, members, files),
        requires=(*_BASE, *_TORCH, *needed),
        runs_code=config.runs_code,
        settings=config.settings,
        weights=tuple(zip(members, names, strict=True)),
        notes=tuple(notes) if config.runs_code else tuple(notes[1:]),
    )


def _manifest(files: ModelFiles) -> StaticModel:
    manifest = read_manifest(files.text(MANIFEST))
    if manifest.file not in files:
        raise refused(f"The file {manifest.file}, which its manifest names, is missing.")
    card = manifest_card(manifest, files)
    if manifest.sha256 is not None and card.weights[0].sha256 != manifest.sha256:
        raise refused(f"{manifest.file} is not the file that its manifest names: another SHA-256.")
    is_onnx = manifest.format == "onnx"
    return StaticModel(
        id=manifest.id,
        distribution=f"medview-model-{manifest.id}",
        module=f"medview_model_{manifest.id.replace('-', '_')}",
        version=manifest.version,
        kind=manifest.task,
        card=card,
        requires=(*_BASE, *_TORCH, *(("onnxruntime>=1.20",) if is_onnx else ())),
        runs_code=not is_onnx,
        settings=(),
        weights=((manifest.file, manifest.file),),
        notes=() if is_onnx else ("A TorchScript file is a program: it runs in its own process.",),
    )


def _id_of(stem: str, version: str) -> str:
    """``spleen_ct_segmentation_v0.5.9`` to ``spleen-ct-segmentation``."""
    name = re.sub(rf"[-_]v?{re.escape(version)}$", "", stem)
    found = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not found or not found[0].isalpha():
        found = f"bundle-{found}".rstrip("-")
    return found[:60].rstrip("-")
