"""Small pictures of series on disk, for their owner alone, until they are forgotten.

A picture is found again only while every file of its series has the path, size and time that it
had. Names on disk are hashes, which tell nothing of a person or a place.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FOLDER_NAME = "thumbnails"
_LARGEST_PX = 512


@dataclass(frozen=True, slots=True)
class ThumbnailKey:
    """Where the picture of a series lies.

    Attributes
    ----------
    study_uid : str or None
    study, series, state : str
        Hashes; the last one changes with any file of the series.
    """

    study_uid: str | None
    study: str
    series: str
    state: str


class ThumbnailStore:
    """Keeps pictures in one folder; may be used from several threads.

    Parameters
    ----------
    folder : Path
        Made when the first picture is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._forgotten: set[str | None] = set()

    def get(self, key: ThumbnailKey) -> NDArray[np.uint8] | None:
        """The picture as (rows, columns, 3), or None if there is none that is sound."""
        from PIL import Image

        path = self._path(key)
        try:
            with Image.open(path, formats=("PNG",)) as image:
                if max(image.size) > _LARGEST_PX or image.mode != "RGB":
                    return None
                return np.asarray(image, dtype=np.uint8)
        except (OSError, ValueError, SyntaxError):
            return None

    def put(self, key: ThumbnailKey, rgb: NDArray[np.uint8]) -> None:
        """Keep a picture in place of older ones of the series.

        Nothing is kept of a study that was forgotten since this store was opened, so that a
        picture still in the making does not bring it back.

        Raises
        ------
        OSError
            If the disk is full or read-only.
        """
        from PIL import Image

        with self._lock:
            if key.study_uid in self._forgotten:
                return
            path = self._path(key)
            _make_private(path.parent)
            # Made for the owner alone from the first byte on.
            handle, name = tempfile.mkstemp(suffix=".part", dir=path.parent)
            temporary = Path(name)
            try:
                with os.fdopen(handle, "wb") as stream:
                    Image.fromarray(rgb).save(stream, format="PNG")
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            for older in path.parent.glob(f"{key.series}-*.png"):
                if older != path:
                    older.unlink(missing_ok=True)

    def forget_study(self, uid: str | None) -> None:
        """Remove the pictures of a study; None stands for all that have no UID."""
        with self._lock:
            self._forgotten.add(uid)
            _remove(self._folder / study_hash(uid))

    def forget_all(self, open_studies: Iterable[str | None] = ()) -> None:
        """Remove everything.

        Parameters
        ----------
        open_studies : iterable of str or None
            UIDs of studies whose pictures may be in the making.
        """
        with self._lock:
            self._forgotten.update(open_studies)
            _remove(self._folder)

    def _path(self, key: ThumbnailKey) -> Path:
        return self._folder / key.study / f"{key.series}-{key.state}.png"


def _make_private(folder: Path) -> None:
    # The mode of mkdir(parents=True) would hold for the last folder only.
    for place in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        place.mkdir(mode=0o700, exist_ok=True)


def _remove(folder: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


def study_hash(uid: str | None) -> str:
    """Name of a study on disk; None stands for all that have no UID."""
    return name_hash("study", "none" if uid is None else f"uid {uid}")


def name_hash(*parts: str) -> str:
    """A name that tells nothing of what it was made from."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]
