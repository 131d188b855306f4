"""The torch toolkit of plugins, reached as ``medview.api.inference`` from inside ``run``.

Importing this package imports torch, in the way that leaves other threads
free; so nothing that only shows pictures imports it.
"""

from __future__ import annotations

from medview.inference.cold_start import import_monai, import_torch
from medview.inference.reproducible import reproducibly

torch = import_torch()

__all__ = ["import_monai", "import_torch", "reproducibly", "torch"]
