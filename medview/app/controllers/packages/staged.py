"""A package installed for the length of a block, apart from everything that is installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from medview.core.progress import ProgressFn, ignore_progress
from medview.host.discovery import Found
from medview.host.packages.found import found_models
from medview.host.packages.installer import Prepared, install
from medview.host.packages.scratch import scratch_folder
from medview.host.packages.store import PackageStore


@contextmanager
def staged(chosen: Prepared, progress: ProgressFn = ignore_progress) -> Iterator[tuple[Found, ...]]:
    """The models of a package that was agreed to, as they would be once installed.

    A model that cannot be described is no reason to refuse here: it is to be checked.

    Parameters
    ----------
    chosen : Prepared

    Returns
    -------
    context manager of tuple of Found
        The models; weights that a pack brings are with them.

    Raises
    ------
    PackageError
        If it cannot be built or installed.
    """
    with scratch_folder() as folder:
        store = PackageStore(folder / "models")
        yield found_models(store, install(chosen, store, lambda generation: None, progress))
