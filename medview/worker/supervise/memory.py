"""`MemoryWatch`: how much memory a worker and what it started occupy, against its limit."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

from medview.worker.supervise.tree import members, proportional_bytes, resident_bytes

_TREE_S = 0.5
_SELDOM_S = 4.0


class MemoryWatch:
    """Looks at resident memory, which also holds where address space says nothing (CUDA).

    What lies in the folder of arrays counts too: it is memory that no process occupies.

    Parameters
    ----------
    pid : int
        Of the worker.
    home : Path
        Its private home.
    limit : int
        In bytes.
    alone : callable
        Resident bytes of one process; None where untold.
    family : callable
        Process ids of a worker with what it started.
    together : callable
        Bytes of processes, what they share counted once.
    handed : callable
        Bytes that the worker has put into the folder of arrays.
    """

    def __init__(
        self,
        pid: int,
        home: Path,
        limit: int,
        *,
        alone: Callable[[int], int | None] = resident_bytes,
        family: Callable[[int, Path], tuple[int, ...]] = members,
        together: Callable[[tuple[int, ...]], int] = proportional_bytes,
        handed: Callable[[], int] = lambda: 0,
    ) -> None:
        self._pid = pid
        self._home = home
        self._limit = limit
        self._alone = alone
        self._family = family
        self._together = together
        self._handed = handed
        self._looked_at = -math.inf

    def excess(self, *, seldom: bool = False) -> int | None:
        """Bytes in use where that is more than the limit, else None; to be asked often.

        The worker itself is looked at each time, what it started twice a second, or every
        four seconds where `seldom` says that nothing is asked of it.
        """
        handed = self._handed()
        own = (self._alone(self._pid) or 0) + handed
        if own > self._limit:
            return own
        now = time.monotonic()
        if now - self._looked_at < (_SELDOM_S if seldom else _TREE_S):
            return None
        self._looked_at = now
        family = self._family(self._pid, self._home)
        if len(family) < 2:
            return None
        # Pages of a fork are counted in each; only if that may be too much, the sum is made well.
        rough = handed + sum(self._alone(pid) or 0 for pid in family)
        if rough <= self._limit:
            return None
        exact = handed + self._together(family)
        return exact if exact > self._limit else None
