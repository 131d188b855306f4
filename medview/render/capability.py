"""What the graphics of this machine can do: hardware or software, and how much it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass

from vtkmodules.vtkRenderingCore import vtkRenderWindow

_SOFTWARE = re.compile(
    r"llvmpipe|softpipe|swrast|swiftshader|software|gdi generic|basic render", re.IGNORECASE
)
_TEXTURE_LIMIT = 2048
"""Per axis; what common drivers promise for 3D textures."""

SOFTWARE_BUDGET = 8_000_000
HARDWARE_BUDGET = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Capability:
    """Of one render window.

    Attributes
    ----------
    renderer : str
        As the driver names itself.
    is_software : bool
        Volumes are then cast on the CPU.
    texture_limit : int
        Largest number of samples along an axis of a volume.
    voxel_budget : int
        Largest number of voxels that is rendered; larger volumes are thinned out for display.
    """

    renderer: str
    is_software: bool
    texture_limit: int
    voxel_budget: int


def capability_of(window: vtkRenderWindow) -> Capability:
    """Read the capabilities of a window that has rendered once."""
    report = window.ReportCapabilities() or ""
    found = re.search(r"renderer string:\s*(.+)", report)
    renderer = found.group(1).strip() if found else "unknown"
    is_software = bool(_SOFTWARE.search(renderer)) or not found
    # The CPU ray caster has no textures; the same limit does no harm there.
    budget = SOFTWARE_BUDGET if is_software else HARDWARE_BUDGET
    return Capability(renderer, is_software, _TEXTURE_LIMIT, budget)
