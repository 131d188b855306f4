"""`BundleConfig`: the parts of an inference config that medview uses, built by MONAI's parser."""

from __future__ import annotations

import dataclasses
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any

import torch

from medview.core.errors import MedviewError, ModelError
from medview.core.runctx import RunContext
from medview.inference.checkpoint import fill
from medview.inference.cold_start import import_monai
from medview.inference.feature_pyramid import torchvision_spared

_NETWORKS = ("network_def", "network", "net")
_PREPROCESSING = ("preprocessing", "pre_transforms", "inference_transforms")
_POSTPROCESSING = ("postprocessing", "post_transforms", "inference_postprocessing")
_REMOVED_ARGUMENTS = {"SwinUNETR": ("img_size",)}
"""Arguments that older bundles give and MONAI no longer takes."""

_READS_OR_WRITES = re.compile("(Load|Save)Image|DetectionSaver|ProbMapProducer")

_OVERRIDES = {
    # A volume of medview is as it was scanned, never resampled before.
    "whether_raw_luna16": True,
    "whether_resampled_luna16": False,
}


class BundleConfig:
    """A parsed inference config.

    Parameters
    ----------
    parser : monai.bundle.ConfigParser
    ctx : RunContext
    """

    def __init__(self, parser: Any, ctx: RunContext) -> None:
        self._parser = parser
        self._ctx = ctx
        self.device = torch.device(ctx.device)

    def has(self, name: str) -> bool:
        """Whether the config defines a name at its top."""
        return name in self._parser.config

    def built(self, name: str) -> Any:
        """The object that a name stands for; raises `ModelError` if it cannot be built."""
        try:
            return self._parser.get_parsed_content(name)
        except (MedviewError, MemoryError):
            raise
        # What a foreign config evaluates may raise anything.
        except Exception as error:
            missing = _missing_package(error)
            if missing:
                raise ModelError(
                    f"The bundle needs the Python package '{missing}', which is not installed.",
                    code="bundle-package",
                ) from error
            raise ModelError(
                f"The part '{name}' of the bundle's config cannot be built: "
                f"{type(error).__name__}: {str(error)[:300]}",
                code="bundle-config",
            ) from error

    def network(self) -> torch.nn.Module:
        """The network with its weights, on the device, in evaluation mode."""
        name = next(n for n in _NETWORKS if self.has(n))
        file = self._weights_name()
        path = self._ctx.weights(file)
        if file.endswith(".ts"):
            scripted: torch.nn.Module = torch.jit.load(str(path), map_location="cpu")  # type: ignore[no-untyped-call]
            return scripted.to(self.device).eval()
        network = self.built(name)
        if not isinstance(network, torch.nn.Module):
            raise ModelError(f"'{name}' of the bundle is no network.", code="bundle-config")
        return fill(network, path).to(self.device)

    def preprocessing(self) -> list[Any]:
        """The transforms before the network, in order; loading ones included."""
        return self._transforms(_PREPROCESSING)

    def postprocessing(self) -> list[Any]:
        """The transforms behind the network, in order; saving ones included."""
        return self._transforms(_POSTPROCESSING)

    def inferer(self) -> Any:
        """The inferer, or None where the config names none."""
        return self.built("inferer") if self.has("inferer") else None

    def _transforms(self, names: tuple[str, ...]) -> list[Any]:
        name = next((n for n in names if self.has(n)), None)
        if name is None:
            return []
        found = self.built(name)
        items = getattr(found, "transforms", found)
        return [t for t in (items if isinstance(items, list | tuple) else [items]) if t is not None]

    def _weights_name(self) -> str:
        """The file that the config itself would load, else the usual one."""
        places = ["checkpointloader#load_path"]
        handlers = self._parser.config.get("handlers")
        if isinstance(handlers, list):
            places += [
                f"handlers#{n}#load_path" for n, h in enumerate(handlers) if _loads_weights(h)
            ]
        for place in places:
            head = place.split("#")[0]
            if not self.has(head) or "load_path" not in str(self._parser.config[head]):
                continue
            return PurePath(str(self.built(place))).name
        return "model.pt"


@contextmanager
def opened_bundle(
    folder: Path, config_name: str, params: Any, ctx: RunContext
) -> Iterator[BundleConfig]:
    """Parse a bundle's config with its scripts importable, and forget them afterwards."""
    (bundle,) = import_monai("bundle")
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        parser = bundle.ConfigParser()
        parser.read_config(str(folder / config_name))
        parser.read_meta(str(folder / "configs" / "metadata.json"))
        _adapt(parser, folder, params, ctx)
        with warnings.catch_warnings(), torchvision_spared():
            # What MONAI says of a foreign config is for its author, not for the reader.
            warnings.simplefilter("ignore")
            yield BundleConfig(parser, ctx)
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            # A second bundle has modules of the same names.
            origin = getattr(sys.modules[name], "__file__", None)
            if origin and Path(origin).is_relative_to(folder):
                del sys.modules[name]


def _adapt(parser: Any, folder: Path, params: Any, ctx: RunContext) -> None:
    config = parser.config
    parser["bundle_root"] = str(folder)
    parser["device"] = torch.device(ctx.device)
    for name, value in _OVERRIDES.items():
        if name in config:
            parser[name] = value
    if dataclasses.is_dataclass(params):
        offered = config.get("displayable_configs") or {}
        for field in dataclasses.fields(params):
            if field.name not in offered:
                continue  # medview's own
            parser[f"displayable_configs#{field.name}"] = getattr(params, field.name)
    for name in (*_PREPROCESSING, *_POSTPROCESSING):
        for step in _steps(config.get(name)):
            if _READS_OR_WRITES.match(str(step.get("_target_")).rpartition(".")[2]):
                step["_disabled_"] = True
    network = config.get("network_def")
    if isinstance(network, dict):
        # Else torchvision would fetch weights that the bundle's own replace.
        if network.get("pretrained"):
            network["pretrained"] = False
        for removed in _REMOVED_ARGUMENTS.get(str(network.get("_target_")).rpartition(".")[2], ()):
            if network.pop(removed, None) is not None:
                ctx.log.info("The argument %s of the network is left out", removed)


def _steps(composed: object) -> list[dict[str, Any]]:
    """The configs of transforms, where they stand in a list."""
    items = composed.get("transforms") if isinstance(composed, dict) else composed
    return [s for s in items if isinstance(s, dict)] if isinstance(items, list) else []


def _loads_weights(handler: object) -> bool:
    return isinstance(handler, dict) and str(handler.get("_target_")).endswith("CheckpointLoader")


def _missing_package(error: BaseException) -> str:
    """The package that an import lacked, also where MONAI wrapped the error."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ModuleNotFoundError) and seen.name:
            return seen.name.split(".")[0]
        seen = seen.__cause__ or seen.__context__
    return ""
