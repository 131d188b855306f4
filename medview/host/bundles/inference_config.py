"""A first look at a bundle's inference config, without evaluating anything in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from medview.host.bundles import fields as f
from medview.host.bundles.files import ModelFiles, refused

NAMES = ("configs/inference.json", "configs/inference.yaml", "configs/inference.yml")
WEIGHTS = (".pt", ".pth", ".ts")
Setting = bool | int | float | str


@dataclass(frozen=True, slots=True)
class InferenceConfig:
    """What can be told of an inference config as text.

    Attributes
    ----------
    name : str
        The member that holds it.
    has_detector : bool
    runs_code : bool
        Whether it holds expressions, which Python will evaluate, or the bundle brings scripts.
    names_torchvision : bool
        Whether it mentions torchvision: metadata lists it for every detector.
    settings : tuple of (name, value)
        ``displayable_configs``: what its author lets people change.
    """

    name: str
    has_detector: bool
    runs_code: bool
    names_torchvision: bool
    settings: tuple[tuple[str, Setting], ...]


def read_inference_config(files: ModelFiles) -> InferenceConfig:
    """Look at the inference config of a bundle; raises `InputError` where there is none."""
    name = next((n for n in NAMES if n in files), None)
    if name is None:
        raise refused("It has no configs/inference.json or .yaml.")
    data = _parsed(files.text(name), name)
    if not any(key in data for key in ("network_def", "network", "net")):
        raise refused("Its inference config defines no network.")
    settings = data.get("displayable_configs") or {}
    if not isinstance(settings, dict):
        raise refused("Its 'displayable_configs' must name settings.")
    return InferenceConfig(
        name=name,
        has_detector="detector" in data,
        runs_code=any(v.lstrip().startswith("$") for v in _strings(data))
        or any(m.name.endswith(".py") for m in files.members),
        names_torchvision=any("torchvision" in v.lower() for v in _strings(data)),
        settings=tuple(
            (key, value)
            for key, value in settings.items()
            if isinstance(value, bool | int | float)
            or (isinstance(value, str) and not value.startswith(("$", "@", "%")))
        ),
    )


def weights_of(files: ModelFiles) -> tuple[str, ...]:
    """Members that hold weights, the likeliest first; raises `InputError` where there is none."""
    found = [
        m.name
        for m in files.members
        if m.name.startswith("models/") and m.name.lower().endswith(WEIGHTS)
    ]
    if not found:
        raise refused(
            "It has no weights under models/. Many bundles keep them apart: see large_files.yml."
        )
    likeliest = ("models/model.pt", "models/model_final.pt", "models/model.pth")
    found.sort(key=lambda n: (n not in likeliest, n.endswith(".ts"), n))
    return tuple(found)


def _parsed(text: str, name: str) -> dict[str, Any]:
    if name.endswith(".json"):
        return dict(f.parse_object(text, name))
    try:
        import yaml
    except ImportError as error:
        raise refused("Its config is YAML, for which the package PyYAML is needed.") from error
    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise refused(f"The file {name} is no valid YAML.") from error
    if not isinstance(data, dict):
        raise refused(f"The file {name} does not hold named settings.")
    return data


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
