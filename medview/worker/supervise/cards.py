"""`CardStore`: what a model said of itself, kept until its version or its files change."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import json
import os
import platform
import tempfile
from pathlib import Path
from typing import Any

from medview import __version__
from medview.host.discovery import Found
from medview.worker.channel import PROTOCOL

_MOST_FILES = 4000
_MOST_BYTES = 64 << 20
_MAX_CARD = 4 << 20


class CardStore:
    """Descriptions as JSON files in one folder, by distribution, version, entry point and files.

    Parameters
    ----------
    folder : Path
        Need not exist; everything in it can be made again.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, key: str) -> dict[str, Any] | None:
        """What was kept under a key; None where there is nothing usable."""
        try:
            with (self._folder / f"{key}.json").open("rb") as file:
                data = json.loads(file.read(_MAX_CARD))
        except (OSError, ValueError, RecursionError):
            return None
        return data if isinstance(data, dict) else None

    def keep(self, key: str, described: dict[str, Any]) -> None:
        """Keep a description, whole or not at all; a full disk costs time, not the model."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            number, name = tempfile.mkstemp(dir=self._folder, suffix=".tmp")
            with os.fdopen(number, "w", encoding="utf-8") as file:
                json.dump(described, file)
            Path(name).replace(self._folder / f"{key}.json")
        except OSError:
            return

    def forget(self, key: str) -> None:
        """Forget what was kept under a key, if anything was."""
        with contextlib.suppress(OSError):
            (self._folder / f"{key}.json").unlink(missing_ok=True)


def key_of(found: Found, interpreter: str) -> str:
    """What a description depends on, as one hash; nothing of the package is imported."""
    digest = hashlib.sha256()
    facts = (
        PROTOCOL, __version__, platform.python_version(), interpreter,
        found.id, found.distribution, found.version, found.api, found.target, found.site,
    )  # fmt: skip
    digest.update(json.dumps(facts).encode())
    if found.site:
        # An installed package has a directory of its own, in which nothing changes.
        return digest.hexdigest()
    _add_files(digest, found.target.partition(":")[0].strip().partition(".")[0])
    return digest.hexdigest()


def _add_files(digest: Any, package: str) -> None:
    try:
        # Looking for a top-level name runs nothing of it.
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return
    if spec is None:
        return
    roots = [Path(place) for place in spec.submodule_search_locations or ()]
    files = [path for root in roots for path in sorted(root.rglob("*.py"))]
    files += [root / "medview_card.json" for root in roots]
    if not roots and spec.origin:
        files = [Path(spec.origin)]
    left = _MOST_BYTES
    for path in files[:_MOST_FILES]:
        try:
            size = path.stat().st_size
            content = path.read_bytes() if size <= left else str(size).encode()
        except OSError:
            continue
        left -= len(content)
        digest.update(f"{path.name}:{len(content)}:".encode())
        digest.update(content)
