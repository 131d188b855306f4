"""`Dropping`: tells packages of models from images in what was dropped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from medview.app.background import Background
from medview.core.errors import MedviewError
from medview.host.packages.sources import recognise


class Dropping:
    """A wheel, or a zip of a package, is looked at; everything else is opened as images.

    Parameters
    ----------
    background : Background
        A zip is looked into on a worker.
    look : callable
        Takes the path of a package.
    open_images : callable
    """

    def __init__(
        self,
        background: Background,
        look: Callable[[str], None],
        open_images: Callable[[Sequence[Path]], None],
    ) -> None:
        self._background = background
        self._look = look
        self._open_images = open_images

    def on_window(self, paths: Sequence[Path]) -> None:
        """Anywhere in the window: folders are studies there."""
        self._sort(paths, folders=False)

    def on_panel(self, paths: Sequence[Path]) -> None:
        """On the models panel: a folder of a package or a bundle is one too."""
        self._sort(paths, folders=True)

    def _sort(self, paths: Sequence[Path], *, folders: bool) -> None:
        if len(paths) != 1 or not _may_be_package(paths[0], folders=folders):
            self._open_images(paths)
            return
        path = paths[0]

        def done(is_package: bool) -> None:
            if is_package:
                self._look(str(path))
            else:
                self._open_images(paths)

        self._background.start(
            "offers",
            lambda task: is_package(path),
            done=done,
            failed=lambda error: self._open_images(paths),
        )


def is_package(path: Path) -> bool:
    """Whether a file or folder can be installed; looks at names and static files only."""
    if path.suffix.lower() == ".whl":
        return True
    try:
        recognise(str(path))
    except MedviewError:
        return False
    return True


def _may_be_package(path: Path, *, folders: bool) -> bool:
    names = (".whl", ".zip")
    return path.suffix.lower() in names or path.name == "medview_model.json" or folders
