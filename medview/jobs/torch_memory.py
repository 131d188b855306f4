"""Everything that jobs ask of torch: free and total memory of a device, and giving caches back."""

from __future__ import annotations

import sys
from typing import Any


def _loaded_torch() -> Any | None:
    # Only a run that used torch can have filled its caches, so torch is never imported for this.
    return sys.modules.get("torch")


def free_caches(device: str) -> None:
    """Give memory that torch keeps for later back to the device; does nothing without torch."""
    torch = _loaded_torch()
    if torch is None:
        return
    if device.startswith("cuda") and torch.cuda.is_initialized():
        torch.cuda.synchronize(device)
        torch.cuda.empty_cache()
    elif device == "mps":
        torch.mps.empty_cache()


def device_memory(device: str) -> tuple[int | None, int | None]:
    """Free and total bytes of a GPU; None where torch is not loaded or cannot say."""
    torch = _loaded_torch()
    if torch is None:
        return None, None
    if device.startswith("cuda") and torch.cuda.is_initialized():
        free, total = torch.cuda.mem_get_info(device)
        return int(free), int(total)
    if device == "mps":
        total = int(torch.mps.recommended_max_memory())
        return max(0, total - int(torch.mps.driver_allocated_memory())), total
    return None, None
