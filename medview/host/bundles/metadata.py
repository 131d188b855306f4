"""`BundleMetadata`: what a MONAI bundle's ``configs/metadata.json`` says of itself, checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from medview.host.bundles import fields as f
from medview.host.bundles.files import METADATA, refused

Task = Literal["segmentation", "detection", "classification"]

_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,3}((a|b|rc)[0-9]+)?")
_MODALITIES = {
    "ct": ("CT",),
    "mr": ("MR",),
    "mri": ("MR",),
    "mammogram": ("MG",),
    "mg": ("MG",),
    "us": ("US",),
    "ultrasound": ("US",),
    "xray": ("CR", "DX"),
    "x-ray": ("CR", "DX"),
    "pet": ("PT",),
}
_SLIDES = ("histo", "patholog", "microscop", "whole slide", "wsi")


@dataclass(frozen=True, slots=True)
class BundleMetadata:
    """The facts of a bundle that medview needs.

    Attributes
    ----------
    name, version, task_text, description, publisher, intended_use : str
    task : {"segmentation", "detection", "classification"}
    axes : {2, 3}
        Spatial axes of the input.
    channels : int
        Channels of the input: 1, or 3 on images.
    modalities : tuple of str
        DICOM modalities; empty where the bundle's word for it is not known.
    is_hounsfield : bool
    input_key, output_key : str
    classes : tuple of str
        Names of the output's channels, in their order; empty where none are given.
    packages : tuple of (name, version)
        Further packages that the bundle lists.
    monai_version : str
    metrics : tuple of (name, value)
    data_source : str
    references : tuple of str
    """

    name: str
    version: str
    task_text: str
    description: str
    publisher: str
    intended_use: str
    task: Task
    axes: int
    channels: int
    modalities: tuple[str, ...]
    is_hounsfield: bool
    input_key: str
    output_key: str
    classes: tuple[str, ...]
    packages: tuple[tuple[str, str], ...]
    monai_version: str
    metrics: tuple[tuple[str, float], ...]
    data_source: str
    references: tuple[str, ...]


def read_metadata(text: str, *, stem: str, has_detector: bool) -> BundleMetadata:
    """Read and check ``metadata.json``.

    Parameters
    ----------
    text : str
    stem : str
        The bundle's own name, for where the file is silent.
    has_detector : bool
        Whether the inference config defines a detector.

    Raises
    ------
    InputError
        If a field is missing or of the wrong type, or the bundle is of a kind that medview
        cannot run.
    """
    data = f.parse_object(text, METADATA)
    version = f.text(data, "version")
    if not _VERSION.fullmatch(version):
        raise refused(f"Its version '{version[:40]}' is none that can be compared.")
    form = f.object_at(data, "network_data_format")
    input_key, inputs = _only_one(f.object_at(form, "inputs"), "images")
    output_key, outputs = _only_one(f.object_at(form, "outputs"), "results")
    axes = _axes(inputs)
    modality = f.text(inputs, "modality", "unknown")
    if any(word in f"{modality} {data.get('task')}".lower() for word in _SLIDES):
        raise refused("It reads whole slides through code of its own, which medview cannot run.")
    channels = f.whole(inputs, "num_channels", 1, 1000, 1)
    if channels not in ((1,) if axes == 3 else (1, 3)):
        raise refused(
            f"It takes {channels} channels, and a series of medview has one image: models of "
            "several sequences or of images with clicks cannot be run."
        )
    task = _task(data, outputs, axes, has_detector)
    return BundleMetadata(
        name=f.text(data, "name", stem.replace("_", " ")),
        version=version,
        task_text=f.text(data, "task", "not stated"),
        description=f.text(data, "description", "No description is given."),
        publisher=f.text(data, "authors", "not stated"),
        intended_use=f.text(data, "intended_use", "not stated"),
        task=task,
        axes=axes,
        channels=channels,
        modalities=_MODALITIES.get(modality.lower(), ()),
        is_hounsfield=modality.lower() == "ct",
        input_key=input_key,
        output_key=output_key,
        classes=_classes(outputs, task),
        packages=_packages(data),
        monai_version=f.text(data, "monai_version", "not stated"),
        metrics=_metrics(data),
        data_source=f.text(data, "data_source", "not stated"),
        references=f.texts(data, "references"),
    )


def _only_one(group: f.Object, what: str) -> tuple[str, f.Object]:
    if len(group) != 1:
        raise refused(f"It works with {len(group)} {what} at once, and medview with one.")
    key = next(iter(group))
    return key, f.object_at(group, key)


def _axes(inputs: f.Object) -> int:
    shape = inputs.get("spatial_shape")
    if not isinstance(shape, list) or not all(isinstance(n, int | str) for n in shape):
        raise refused("Its input has no 'spatial_shape'.")
    if len(shape) not in (2, 3):
        raise refused(f"Its input has {len(shape)} spatial axes; medview has images and volumes.")
    return len(shape)


def _task(data: f.Object, outputs: f.Object, axes: int, has_detector: bool) -> Task:
    kind, form = (str(outputs.get(key, "")).lower() for key in ("type", "format"))
    if has_detector:
        if axes != 3:
            raise refused("It detects on flat images; detection bundles run on volumes only.")
        return "detection"
    if kind == "object" or form == "dict":
        raise refused("It returns objects, and its inference config defines no detector.")
    if form == "segmentation":
        return "segmentation"
    named = f"{form} {data.get('task', '')}".lower()
    if any(word in named for word in ("label", "class", "grading")):
        return "classification"
    if "segment" in named:
        return "segmentation"
    raise refused("It says neither that it segments nor that it detects or classifies.")


def _classes(outputs: f.Object, task: Task) -> tuple[str, ...]:
    given = outputs.get("channel_def") or outputs.get("label_def")
    if given is None or task == "detection":
        return ()
    if not isinstance(given, dict):
        raise refused("Its 'channel_def' must name channels.")
    try:
        ordered = sorted((int(key), str(name).strip()) for key, name in given.items())
    except ValueError as error:
        raise refused("Its 'channel_def' must have numbers as keys.") from error
    if [n for n, _ in ordered] != list(range(len(ordered))) or not all(n for _, n in ordered):
        raise refused("Its 'channel_def' must name the channels 0, 1, 2 ... without a gap.")
    return tuple(name[:200] for _, name in ordered)


def _packages(data: f.Object) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for key in ("required_packages_version", "optional_packages_version"):
        group = data.get(key, {})
        if not isinstance(group, dict):
            raise refused(f"Its field '{key}' must name packages.")
        found.update({str(name): str(version) for name, version in group.items()})
    return tuple(sorted(found.items()))


def _metrics(data: f.Object) -> tuple[tuple[str, float], ...]:
    group = data.get("eval_metrics", {})
    if not isinstance(group, dict):
        return ()
    return tuple(
        (str(name), float(value))
        for name, value in group.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    )
