"""A bundle's steps before the network: geometry by medview, values by its own transforms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from medview.core.data.volume import Volume
from medview.core.errors import ModelError
from medview.core.geometry.grid import Grid
from medview.core.runctx import RunContext
from medview.inference.adapters.volumes import clean
from medview.inference.cold_start import import_monai
from medview.inference.regrid import onto, oriented, spaced

_LPS_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])
_OURS = ("LoadImage", "EnsureChannelFirst", "AddChannel", "AsChannelFirst", "EnsureType",
         "ToTensor", "ToDevice", "DeleteItems", "SelectItems")  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class Prepared:
    """What the network sees: (channels, x, y, z) float32, and where its voxels lie."""

    image: NDArray[np.float32]
    grid: Grid


def step_name(transform: Any) -> str:
    """Class name of a transform without the endings of its dictionary forms."""
    name = type(transform).__name__
    for ending in ("Dict", "D", "d"):
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending)
    return name


def prepare(source: Volume, transforms: list[Any], key: str, ctx: RunContext) -> Prepared:
    """Apply the steps of a bundle that come before its network.

    Loading is left out, because the volume is here. Orientation and spacing are
    done on medview's own grids; what remains runs as the bundle has it, on a
    tensor that knows its place.

    Raises
    ------
    ModelError
        If a step raises.
    """
    state = _State(source, ctx)
    for transform in transforms:
        name = step_name(transform)
        if name in _OURS:
            continue
        if name == "Orientation":
            state.orient(str(transform.ornt_transform.axcodes))
        elif name == "Spacing":
            state.space(transform.spacing_transform)
        else:
            state.apply(transform, key)
    return state.prepared()


class _State:
    def __init__(self, source: Volume, ctx: RunContext) -> None:
        self._ctx = ctx
        self._array: NDArray[Any] = clean(source)
        self._grid = source.grid
        self._target = source.grid
        self._is_oriented = False
        self._is_spaced = False
        self._tensor: Any = None

    def orient(self, letters: str) -> None:
        self._is_oriented = True
        self._leave_tensor()
        self._target = oriented(self._target, letters)

    def space(self, spacing: Any) -> None:
        if not self._is_oriented:
            self._assume_orientation()
        self._leave_tensor()
        given = np.asarray(spacing.pixdim, dtype=float).ravel()
        values = [given[min(n, len(given) - 1)] for n in range(3)]
        self._target = spaced(
            self._target, tuple(float(v) if np.isfinite(v) and v > 0 else None for v in values)
        )
        self._is_spaced = True

    def apply(self, transform: Any, key: str) -> None:
        if self._tensor is None:
            self._tensor = self._as_tensor()
        try:
            self._tensor = transform({key: self._tensor})[key]
        except MemoryError:
            raise
        # A transform of a foreign bundle may raise anything.
        except Exception as error:
            if "out of memory" in str(error).lower():
                raise
            raise ModelError(
                f"The step {type(transform).__name__} of the bundle failed: "
                f"{type(error).__name__}: {str(error)[:300]}",
                code="bundle-step",
            ) from error

    def prepared(self) -> Prepared:
        tensor = self._as_tensor() if self._tensor is None else self._tensor
        image = np.ascontiguousarray(tensor.detach().cpu().numpy(), dtype=np.float32)
        return Prepared(image, _grid_of(tensor, self._grid))

    def _assume_orientation(self) -> None:
        self._ctx.warn(
            "orientation-assumed",
            "The bundle does not say in which orientation it takes volumes; RAS was assumed.",
        )
        self.orient("RAS")

    def _as_tensor(self) -> Any:
        if not self._is_oriented:
            self._assume_orientation()

        def tick(_: float | None, text: str) -> None:
            self._ctx.progress(0.0, text)

        kind = "linear" if self._is_spaced else "nearest"
        array = onto(self._array, self._grid, self._target, kind, progress=tick)  # type: ignore[arg-type]
        self._array, self._grid, self._is_spaced = array, self._target, False
        (data,) = import_monai("data")
        affine = torch.from_numpy(_LPS_RAS @ self._grid.index_to_lps)
        return data.MetaTensor(torch.from_numpy(array.astype(np.float32))[None], affine=affine)

    def _leave_tensor(self) -> None:
        """Go back to an array on a grid, where values were changed before the geometry."""
        if self._tensor is None:
            return
        if self._tensor.shape[0] != 1:
            raise ModelError("The bundle changes spacing behind several channels.", code="bundle")
        self._grid = _grid_of(self._tensor, self._grid)
        self._array = self._tensor[0].detach().cpu().numpy()
        self._target, self._tensor = self._grid, None


def _grid_of(tensor: Any, like: Grid) -> Grid:
    """Where the voxels of a tensor lie after transforms that may have moved them."""
    shape = tensor.shape[1:]
    affine = getattr(tensor, "affine", None)
    if affine is None:
        if tuple(shape) != like.shape:
            raise ModelError(
                "A step of the bundle changes the shape and loses the place of the voxels.",
                code="bundle-step",
            )
        return like
    matrix = _LPS_RAS @ affine.detach().cpu().numpy().astype(np.float64)
    return Grid(tuple(int(n) for n in shape), matrix, like.frame_of_reference)  # type: ignore[arg-type]
