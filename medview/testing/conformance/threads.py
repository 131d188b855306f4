"""`limited_threads`: torch computes on the cores that a busy machine has left."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_VARIABLE = "OMP_NUM_THREADS"


@contextmanager
def limited_threads(most: int) -> Iterator[None]:
    """Limit torch's threads while the block runs; give it `free_cores`.

    Its threads wait for each other in loops, so that on a machine where other
    processes compute too, a run with all of them takes ten times as long as with one.
    How long a model is deaf to cancel would then tell of the machine, not of the model.
    """
    torch = sys.modules.get("torch")
    if torch is not None:
        before = torch.get_num_threads()
        torch.set_num_threads(min(before, most))
        try:
            yield
        finally:
            torch.set_num_threads(before)
        return
    # torch may be imported by the run, and then reads this.
    kept = os.environ.get(_VARIABLE, "")
    asked = int(kept) if kept.isdigit() else (os.cpu_count() or 1)
    # No more than a later run has, whose torch is there: another number may round differently.
    os.environ[_VARIABLE] = str(min(asked, most))
    try:
        yield
    finally:
        os.environ[_VARIABLE] = kept
        if not kept:
            del os.environ[_VARIABLE]
        torch = sys.modules.get("torch")
        if torch is not None:
            torch.set_num_threads(asked)


def threads_of_run(most: int) -> int:
    """How many threads torch has in a run that is limited to `most`."""
    torch = sys.modules.get("torch")
    return most if torch is None else min(int(torch.get_num_threads()), most)


def free_cores() -> int:
    """Cores that nothing else uses now, and one at least."""
    cores = os.cpu_count() or 1
    try:
        busy = os.getloadavg()[0]
    except (AttributeError, OSError):
        return cores
    return max(1, cores - round(busy))
