"""Recognise what a person wants to install: a file, a folder, or a name on the package index."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from medview.core.errors import UsageError
from medview.host.packages.archive import opened
from medview.host.packages.errors import PackageError
from medview.host.packages.offer import Kind

PACK_MANIFEST = "medview_pack.json"
BUNDLE_MARKS = ("configs/metadata.json", "medview_model.json")
"""Files by which a MONAI bundle, and a network with a manifest, are known."""
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_NAME_AND_VERSION = re.compile(rf"({_NAME.pattern})\s*(?:==\s*([A-Za-z0-9.!+_-]+))?")
_PATH_LIKE = (".whl", ".zip", ".tar.gz", ".onnx", ".pt", ".json")


@dataclass(frozen=True, slots=True)
class Source:
    """What was asked for.

    Attributes
    ----------
    kind : str
    path : Path or None
        None for a name on the index.
    name : str
        As the person wrote it, without folders.
    root : str
        For a zip: the folder inside it in which the project lies; empty for the top.
    """

    kind: Kind
    path: Path | None
    name: str
    root: str = ""


class Converter(Protocol):
    """Makes a wheel of what is no Python package, for example a MONAI bundle; runs none of it."""

    def takes(self, source: Source) -> bool:
        """Whether it knows this kind of thing; looks at names and static files only."""

    def wheel(self, source: Source, folder: Path) -> Path:
        """Write a wheel into `folder`; raises `PackageError` where it cannot."""


def recognise(asked: str, converters: Sequence[Converter] = ()) -> Source:
    """What `asked` is.

    Raises
    ------
    UsageError
        If it looks like a path and nothing is there, or like nothing at all.
    PackageError
        If a file is of no known kind.
    """
    path = Path(asked).expanduser()
    match = _NAME_AND_VERSION.fullmatch(asked.strip())
    looks_like_path = any(mark in asked for mark in "/\\") or asked.lower().endswith(_PATH_LIKE)
    if path.exists():
        source = _of_path(path.absolute())
        if source is not None:
            return source
        unknown = Source("bundle", path.absolute(), path.name)
        if any(converter.takes(unknown) for converter in converters):
            return unknown
        # A folder may be called like a model without being one; a file is what was meant.
        if match is not None and not looks_like_path and path.is_dir():
            return Source("index", None, asked.strip())
        raise PackageError(
            f"'{path.name}' is none of what can be installed: a wheel, a folder or zip of a "
            "package, an offline pack or a bundle.",
            code="package-unknown",
        )
    if match is None or looks_like_path:
        raise UsageError(f"There is no file or folder '{path.name}'.", code="path-missing")
    return Source("index", None, asked.strip())


def index_source(name: str) -> Source:
    """A name on the package index, whatever lies in the working folder under that name."""
    return Source("index", None, name)


def name_and_version(name: str) -> tuple[str, str]:
    """Split ``name==version``; the version is empty where none was asked for."""
    match = _NAME_AND_VERSION.fullmatch(name)
    assert match is not None
    return match[1], match[2] or ""


def _of_path(path: Path) -> Source | None:
    if path.is_dir():
        if any((path / name).is_file() for name in BUNDLE_MARKS):
            return Source("bundle", path, path.name)
        projects = ("pyproject.toml", "setup.py", "setup.cfg")
        if any((path / name).is_file() for name in projects):
            return Source("folder", path, path.name)
        return None
    if path.suffix.lower() == ".whl":
        return Source("wheel", path, path.name)
    if path.name == BUNDLE_MARKS[-1]:
        return Source("bundle", path, path.name)
    if path.suffix.lower() == ".zip" or zipfile.is_zipfile(path):
        return _of_zip(path)
    return None


def _of_zip(path: Path) -> Source | None:
    with opened(path) as archive:
        names = {info.filename for info in archive.infolist()}
    if PACK_MANIFEST in names:
        return Source("pack", path, path.name)
    # Projects often lie in one folder of their zip.
    tops = {PurePosixPath(name).parts[0] for name in names}
    roots = [""] + ([f"{tops.pop()}/"] if len(tops) == 1 else [])
    for root in roots:
        if any(f"{root}{name}" in names for name in BUNDLE_MARKS):
            return Source("bundle", path, path.name, root)
    for root in roots:
        if {f"{root}pyproject.toml", f"{root}setup.py", f"{root}setup.cfg"} & names:
            return Source("zip", path, path.name, root)
    return None
