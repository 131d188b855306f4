"""`Look`: a package that is being looked at, and then held until it was decided on."""

from __future__ import annotations

import threading
from contextlib import ExitStack

from medview.app.controllers.packages.install import looked_at
from medview.core.progress import Cancelled, ProgressFn
from medview.host.packages.installer import Prepared
from medview.host.packages.places import Places
from medview.host.packages.sources import Source


class Look:
    """What was fetched or unpacked stays until `close`, whichever thread calls it when.

    Parameters
    ----------
    asked : str or Source
        A path, or a name on the index.
    """

    def __init__(self, asked: str | Source) -> None:
        self.asked = asked
        self._lock = threading.Lock()
        self._held = ExitStack()
        self._closed = False

    def open(self, places: Places, progress: ProgressFn) -> Prepared:
        """Look at it; nothing of it runs. Called on a worker.

        Raises
        ------
        UsageError, PackageError
            As `looked_at` does.
        Cancelled
            If it was closed meanwhile.
        """
        with ExitStack() as stack:
            chosen = stack.enter_context(looked_at(self.asked, places, progress))
            with self._lock:
                if self._closed:
                    raise Cancelled
                self._held = stack.pop_all()
        return chosen

    def close(self) -> None:
        """Remove what was fetched or unpacked; idempotent."""
        with self._lock:
            self._closed = True
            held, self._held = self._held, ExitStack()
        held.close()
