"""Models that are files (MONAI bundles, ONNX, TorchScript), read without running them."""

from __future__ import annotations

from medview.host.bundles.files import recognise
from medview.host.bundles.package import as_package, as_wheel
from medview.host.bundles.static_model import StaticModel, read_model

__all__ = ["StaticModel", "as_package", "as_wheel", "read_model", "recognise"]
