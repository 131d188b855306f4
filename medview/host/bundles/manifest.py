"""`Manifest`: the JSON file that turns an ONNX or TorchScript file into a model."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from medview.core.data.intensity import Intensity
from medview.core.findings.labelmap import Code
from medview.core.geometry.orient import Orientation
from medview.host.bundles import fields as f
from medview.host.bundles.files import MANIFEST, refused

SCHEMA = "medview.model-manifest/1"
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){0,3}")
_TALLEST_MM = 3000.0
_PLANES: tuple[Orientation, ...] = get_args(Orientation)
_OPPOSITE = {"R": "L", "L": "R", "A": "P", "P": "A", "S": "I", "I": "S"}
_TOP = (
    "schema", "id", "title", "summary", "version", "publisher", "intended_use", "licence", "file",
    "sha256", "format", "task", "input", "output", "trained_on", "references",
)  # fmt: skip
_INPUT = (
    "kind", "modalities", "intensity", "channels", "orientation", "spacing_mm", "scaling", "window",
    "overlap", "blend", "size", "min_slices", "max_spacing_mm", "refuse_spacing_mm", "body_parts",
    "min_coverage_mm", "refuse_coverage_mm", "planes",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scaling:
    """Values of the image to values of the network.

    ``range`` maps `low`..`high` to `to`, clipped where `clip`; ``z-score`` takes off `mean` and
    divides by `deviation`, those of the image itself where they are None.
    """

    kind: Literal["none", "range", "z-score"]
    low: float = 0.0
    high: float = 1.0
    to: tuple[float, float] = (0.0, 1.0)
    clip: bool = True
    mean: float | None = None
    deviation: float | None = None


@dataclass(frozen=True, slots=True)
class ManifestClass:
    """A channel of the output: its name, and how it is drawn and coded."""

    name: str
    rgb: tuple[int, int, int] | None = None
    code: Code | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """A model in one file, described.

    Attributes
    ----------
    orientation : str
        Three letters: the direction in which each spatial axis of the network's input grows.
    spacing_mm : (float, float, float) or None
        Along those axes; None takes the image as it is.
    window : (int, int, int) or None
        Along those axes; None hands the whole volume over at once.
    size : (int, int) or None
        Rows and columns to which an image is resized.
    classes : tuple of ManifestClass
        One for each channel. Where the activation is ``softmax``, a segmentation's first is
        background.
    """

    id: str
    title: str
    summary: str
    version: str
    publisher: str
    intended_use: str
    licence: str
    file: str
    sha256: str | None
    format: Literal["onnx", "torchscript"]
    task: Literal["segmentation", "classification"]
    kind: Literal["volume", "image"]
    modalities: tuple[str, ...]
    intensity: Intensity | None
    channels: int
    orientation: str
    spacing_mm: tuple[float, float, float] | None
    scaling: Scaling
    window: tuple[int, int, int] | None
    overlap: float
    blend: Literal["gaussian", "constant"]
    size: tuple[int, int] | None
    min_slices: int
    max_spacing_mm: float | None
    refuse_spacing_mm: float | None
    body_parts: tuple[str, ...]
    min_coverage_mm: float | None
    refuse_coverage_mm: float | None
    planes: tuple[Orientation, ...]
    activation: Literal["softmax", "sigmoid", "none"]
    threshold: float
    classes: tuple[ManifestClass, ...]
    trained_on: tuple[str, ...]
    references: tuple[str, ...]


def read_manifest(text: str) -> Manifest:
    """Read and check a manifest; raises `InputError` that names the field."""
    data = f.parse_object(text, MANIFEST)
    f.only(data, _TOP, "a manifest")
    f.choice(data, "schema", (SCHEMA,))
    given, output = f.object_at(data, "input"), f.object_at(data, "output")
    f.only(given, _INPUT, "'input'")
    f.only(output, ("activation", "threshold", "classes"), "'output'")
    kind = f.choice(given, "kind", ("volume", "image"))
    task = f.choice(data, "task", ("segmentation", "classification"))
    volume = kind == "volume"
    intensity = given.get("intensity")
    if intensity is not None:
        intensity = Intensity(f.choice(given, "intensity", ("hounsfield", "suv", "rgb")))
    window = _counts(given, "window", 3) if volume and task == "segmentation" else None
    return Manifest(
        id=_matching(data, "id", _ID, "lower-case words joined by hyphens"),
        title=f.text(data, "title"),
        summary=f.text(data, "summary"),
        version=_matching(data, "version", _VERSION, "numbers joined by dots"),
        publisher=f.text(data, "publisher", "not stated"),
        intended_use=f.text(data, "intended_use"),
        licence=f.text(data, "licence"),
        file=_matching(data, "file", _FILE, "a file name without a folder"),
        sha256=_hash(data),
        format=f.choice(data, "format", ("onnx", "torchscript")),  # type: ignore[arg-type]
        task=task,  # type: ignore[arg-type]
        kind=kind,  # type: ignore[arg-type]
        modalities=f.texts(given, "modalities"),
        intensity=intensity,
        channels=f.whole(given, "channels", 1, 3, 1),
        orientation=_orientation(given),
        spacing_mm=_spacing(given) if volume else None,
        scaling=_scaling(given),
        window=(window[0], window[1], window[2]) if window else None,
        overlap=f.number(given, "overlap", 0.0, 0.9, 0.25),
        blend=f.choice(given, "blend", ("gaussian", "constant"), "gaussian"),  # type: ignore[arg-type]
        size=None if volume else _size(given),
        min_slices=f.whole(given, "min_slices", 1, 10_000, 1),
        max_spacing_mm=_optional(given, "max_spacing_mm"),
        refuse_spacing_mm=_optional(given, "refuse_spacing_mm"),
        body_parts=f.texts(given, "body_parts"),
        min_coverage_mm=_optional(given, "min_coverage_mm", _TALLEST_MM),
        refuse_coverage_mm=_optional(given, "refuse_coverage_mm", _TALLEST_MM),
        planes=_planes(given),
        activation=f.choice(output, "activation", ("softmax", "sigmoid", "none")),  # type: ignore[arg-type]
        threshold=f.number(output, "threshold", 0.0, 1.0, 0.5),
        classes=_classes(output),
        trained_on=f.texts(data, "trained_on"),
        references=f.texts(data, "references"),
    )


def _matching(data: f.Object, key: str, pattern: re.Pattern[str], what: str) -> str:
    value = f.text(data, key)
    if not pattern.fullmatch(value):
        raise refused(f"Its field '{key}' must be {what}, not '{value[:60]}'.")
    return value


def _hash(data: f.Object) -> str | None:
    if data.get("sha256") is None:
        return None
    return _matching(data, "sha256", re.compile(r"[0-9a-f]{64}"), "64 lower-case digits")


def _orientation(given: f.Object) -> str:
    letters = f.text(given, "orientation", "RAS").upper()
    axes = {min(c, _OPPOSITE.get(c, c)) for c in letters}
    if len(letters) != 3 or len(axes) != 3 or not set(letters) <= set(_OPPOSITE):
        raise refused(f"'{letters}' is no orientation: it needs one letter of R/L, A/P and S/I.")
    return letters


def _planes(given: f.Object) -> tuple[Orientation, ...]:
    names = f.texts(given, "planes")
    if unknown := [name for name in names if name not in _PLANES]:
        raise refused(f"Its 'planes' must be among {', '.join(_PLANES)}, not {unknown[0][:60]!r}.")
    return tuple(name for name in _PLANES if name in names)


def _spacing(given: f.Object) -> tuple[float, float, float] | None:
    if given.get("spacing_mm") is None:
        return None
    x, y, z = f.numbers(given, "spacing_mm", 3)
    if min(x, y, z) < 0.05 or max(x, y, z) > 50:
        raise refused("Its 'spacing_mm' must be within 0.05 and 50 mm.")
    return x, y, z


def _counts(given: f.Object, key: str, count: int) -> tuple[int, ...] | None:
    if given.get(key) is None:
        return None
    values = f.numbers(given, key, count)
    if any(v != int(v) or not 1 <= v <= 4096 for v in values):
        raise refused(f"Its field '{key}' must hold whole numbers within 1 and 4096.")
    return tuple(int(v) for v in values)


def _size(given: f.Object) -> tuple[int, int] | None:
    values = _counts(given, "size", 2)
    return None if values is None else (values[0], values[1])


def _optional(given: f.Object, key: str, most: float = 1000.0) -> float | None:
    return None if given.get(key) is None else f.number(given, key, 0.0, most)


def _scaling(given: f.Object) -> Scaling:
    if given.get("scaling") is None:
        return Scaling("none")
    data = f.object_at(given, "scaling")
    kind = f.choice(data, "kind", ("none", "range", "z-score"))
    if kind == "none":
        f.only(data, ("kind",), "'scaling'")
        return Scaling("none")
    if kind == "z-score":
        f.only(data, ("kind", "mean", "deviation"), "'scaling'")
        if data.get("mean") is None and data.get("deviation") is None:
            return Scaling("z-score")
        mean = f.number(data, "mean", -1e9, 1e9)
        return Scaling("z-score", mean=mean, deviation=f.number(data, "deviation", 1e-9, 1e9))
    f.only(data, ("kind", "from", "to", "clip"), "'scaling'")
    low, high = f.numbers(data, "from", 2)
    first, last = f.numbers(data, "to", 2)
    if not low < high:
        raise refused("Its 'scaling' must go from a smaller to a larger value.")
    return Scaling("range", low, high, (first, last), f.flag(data, "clip", True))


def _classes(output: f.Object) -> tuple[ManifestClass, ...]:
    given = output.get("classes")
    if not isinstance(given, list) or not 1 <= len(given) <= 255:
        raise refused("Its 'output' must list its classes, 1 to 255 of them.")
    found = tuple(_class(entry) for entry in given)
    if len({c.name for c in found}) != len(found):
        raise refused("Two of its classes have the same name.")
    return found


def _class(entry: object) -> ManifestClass:
    if not isinstance(entry, dict):
        raise refused("Each of its classes must be an object with a 'name'.")
    f.only(entry, ("name", "rgb", "code"), "a class")
    rgb = _counts_rgb(entry) if entry.get("rgb") is not None else None
    code = None
    if entry.get("code") is not None:
        data = f.object_at(entry, "code")
        code = Code(f.text(data, "scheme"), f.text(data, "value"), f.text(data, "meaning"))
    return ManifestClass(f.text(entry, "name"), rgb, code)


def _counts_rgb(entry: f.Object) -> tuple[int, int, int]:
    r, g, b = f.numbers(entry, "rgb", 3)
    if any(v != int(v) or not 0 <= v <= 255 for v in (r, g, b)):
        raise refused("Colours are three whole numbers within 0 and 255.")
    return int(r), int(g), int(b)
