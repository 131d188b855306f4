"""A package installed for the length of a block, apart from everything that is installed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from medview.core.progress import ProgressFn, ignore_progress
from medview.host.discovery import Found
from medview.host.packages.found import found_models
from medview.host.packages.installer import Prepared, install
from medview.host.packages.store import PackageStore


@contextmanager
def staged(
    chosen: Prepared, weights_folder: Path, progress: ProgressFn = ignore_progress
) -> Iterator[tuple[tuple[Found, ...], Path]]:
    """The models of a package that was agreed to, as they would be once installed.

    A model that cannot be described is no reason to refuse here: it is to be checked.

    Parameters
    ----------
    chosen : Prepared
    weights_folder : Path
        Where this person's weights are installed; they are only read.

    Returns
    -------
    context manager of (tuple of Found, Path)
        The models, and the folder of weights to use.

    Raises
    ------
    PackageError
        If it cannot be built or installed.
    """
    folder = Path(tempfile.mkdtemp(prefix="medview-check-"))
    store = PackageStore(folder / "models")
    try:
        generation = install(chosen, store, lambda generation: None, progress)
        weights = weights_folder
        if chosen.pack is not None and chosen.pack.weights:
            weights = folder / "weights"
            for packed in chosen.pack.weights:
                target = weights / packed.model / packed.file.name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(packed.file, target)
        yield found_models(store, generation), weights
    finally:
        # Installed files are read-only, and the store knows how to remove them.
        store.change(lambda index: type(index)())
        shutil.rmtree(folder, ignore_errors=True)
