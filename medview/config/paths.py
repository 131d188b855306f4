"""Where medview keeps a person's files: below ``MEDVIEW_HOME``, else the platform's own places."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from medview.core.errors import MedviewError

_PRIVATE_FOLDER = 0o700


@dataclass(frozen=True, slots=True)
class Folders:
    """One person's folders; none need exist yet.

    Attributes
    ----------
    settings : Path
        Holds ``settings.json``.
    logs : Path
        Log and crash files.
    weights : Path
        Network weights that were installed.
    models : Path
        Installed third-party models.
    index : Path
        What can be made again: the index of scanned folders, thumbnails.
    """

    settings: Path
    logs: Path
    weights: Path
    models: Path
    index: Path

    @property
    def settings_file(self) -> Path:
        """The one settings file."""
        return self.settings / "settings.json"


def find_folders(environ: Mapping[str, str] = os.environ) -> Folders:
    """The folders for this person; makes nothing.

    Parameters
    ----------
    environ : mapping of str to str
        Read for ``MEDVIEW_HOME``, which moves everything below one folder; ``~`` is expanded
        and a relative path starts at the working folder.
    """
    named = environ.get("MEDVIEW_HOME", "").strip()
    if named:
        home = Path(named).expanduser().absolute()
        return Folders(home, home / "logs", home / "weights", home / "models", home / "index")
    # No author folder between: on Windows it would double the application's name.
    places = platformdirs.PlatformDirs("medview", appauthor=False)
    data = Path(places.user_data_dir)
    return Folders(
        settings=Path(places.user_config_dir),
        logs=Path(places.user_log_dir),
        weights=data / "weights",
        models=data / "models",
        index=Path(places.user_cache_dir) / "index",
    )


def make_private(folder: Path) -> Path:
    """Make `folder`, and what is missing above it, readable by this user alone.

    A folder that exists keeps its rights: ``MEDVIEW_HOME`` may name one that others use.
    What medview writes into it is private file by file.

    Returns
    -------
    Path
        `folder` itself.

    Raises
    ------
    MedviewError
        Code ``folder-not-writable``, if it cannot be made.
    """
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        for place in reversed(missing):
            # The mode of mkdir(parents=True) would hold for the last folder only.
            place.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
        if not folder.is_dir():
            raise NotADirectoryError(0, "a file is in its place")
    except OSError as error:
        reason = error.strerror or "no reason given"
        raise MedviewError(
            f"medview cannot make its folder '{folder.name}' ({reason}). "
            "Make the place writable, or set MEDVIEW_HOME to a folder of your own.",
            code="folder-not-writable",
        ) from error
    return folder
