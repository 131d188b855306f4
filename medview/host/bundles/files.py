"""`ModelFiles`: the members of a bundle or manifest, in a folder or a zip, read with care."""

from __future__ import annotations

import hashlib
import re
import stat
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import IO, Literal

from medview.core.errors import InputError
from medview.host.packages.archive import DAMAGED

MANIFEST = "medview_model.json"
METADATA = "configs/metadata.json"

_LARGEST_TEXT = 4 << 20
_LARGEST_MEMBER = 8 << 30
_MOST_MEMBERS = 2000
_CHUNK = 1 << 20
_LEFT_OUT = frozenset({"__pycache__", "eval", "__MACOSX"})
_FOLDERS = ("configs", "docs", "models", "scripts")
_BESIDE = re.compile(r"(?i)(licen[cs]e|copying|notice|readme)[^/]*|large_files\.ya?ml")
_LICENCE = re.compile(r"(?i)(docs/)?(licen[cs]e|copying|notice)[^/]*")


@dataclass(frozen=True, slots=True)
class Member:
    """A file of a model: its name relative to the model's root, and its size."""

    name: str
    size: int


class ModelFiles:
    """The regular files of a model, hidden ones and links left out.

    A bundle is what lies in the folders of its layout, with its licence. Of a folder with a
    manifest only the files at its top are looked at, and `belonging` tells which the model is:
    beside it may lie anything, for example images of patients.

    Parameters
    ----------
    path : Path
        A folder, a zip, or the JSON manifest itself (then its folder is the model).

    Raises
    ------
    InputError
        If it is neither, or holds names that reach outside, links or absurd sizes.
    """

    def __init__(self, path: Path) -> None:
        self._zip = path if path.is_file() and path.suffix.lower() == ".zip" else None
        self._folder = path.parent if path.suffix.lower() == ".json" else path
        self._prefix = ""
        found = dict(self._in_zip() if self._zip else self._in_folder())
        if self._zip:
            self._prefix = _common_folder(found)
            found = {name.removeprefix(self._prefix): size for name, size in found.items()}
        place = _place_of_manifest if MANIFEST in found else _place_of_bundle
        found = {name: size for name, size in found.items() if place(name)}
        if len(found) > _MOST_MEMBERS and MANIFEST not in found:
            raise refused(f"It holds more than {_MOST_MEMBERS} files.")
        self.members = tuple(Member(name, found[name]) for name in sorted(found))
        self.stem = (self._prefix.strip("/") or path.stem) if self._zip else self._folder.name

    def __contains__(self, name: str) -> bool:
        return any(member.name == name for member in self.members)

    def belonging(self, named: Iterable[str]) -> tuple[Member, ...]:
        """The members that the model consists of.

        Parameters
        ----------
        named : iterable of str
            The files that its description names.
        """
        if MANIFEST not in self:
            return self.members
        wanted = {MANIFEST, *named}
        return tuple(m for m in self.members if m.name in wanted or _LICENCE.fullmatch(m.name))

    def text(self, name: str) -> str:
        """A small text file; raises `InputError` if it is absent, large or no UTF-8."""
        size = next((m.size for m in self.members if m.name == name), None)
        if size is None:
            raise refused(f"The file {name} is missing.")
        if size > _LARGEST_TEXT:
            raise refused(f"The file {name} is too large to be read as text.")
        with self.opened(name) as stream:
            content = stream.read(_LARGEST_TEXT + 1)
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise refused(f"The file {name} is no UTF-8 text.") from error

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        """A member as a stream of bytes."""
        try:
            if self._zip:
                with (
                    zipfile.ZipFile(self._zip) as archive,
                    archive.open(self._prefix + name) as stream,
                ):
                    yield stream
            else:
                with (self._folder / name).open("rb") as stream:
                    yield stream
        except DAMAGED as error:
            raise refused(f"The file {name} cannot be read.") from error

    def sha256(self, name: str) -> str:
        """Hexadecimal SHA-256 of a member."""
        digest = hashlib.sha256()
        with self.opened(name) as stream:
            while block := stream.read(_CHUNK):
                digest.update(block)
        return digest.hexdigest()

    def _in_folder(self) -> Iterator[tuple[str, int]]:
        if not self._folder.is_dir():
            raise refused("It is neither a folder nor a zip.")
        deep = () if (self._folder / MANIFEST).is_file() else _FOLDERS
        trees = (self._folder.glob("*"), *((self._folder / n).rglob("*") for n in deep))
        for path in (*chain(*trees), *self._folder.glob("docs/*")):
            name = path.relative_to(self._folder).as_posix()
            if _is_wanted(name) and not path.is_symlink() and path.is_file():
                yield name, path.stat().st_size

    def _in_zip(self) -> Iterator[tuple[str, int]]:
        assert self._zip is not None
        try:
            with zipfile.ZipFile(self._zip) as archive:
                infos = archive.infolist()
        except DAMAGED as error:
            raise refused("The zip is damaged.") from error
        for info in infos:
            pure = PurePosixPath(info.filename)
            if pure.is_absolute() or ".." in pure.parts or "\\" in info.filename:
                raise refused("The zip holds a name that reaches outside of it.")
            if stat.S_ISLNK(info.external_attr >> 16):
                raise refused("The zip holds a link.")
            if info.file_size > _LARGEST_MEMBER:
                raise refused("The zip holds a file of more than 8 GB.")
            if not info.is_dir() and _is_wanted(info.filename):
                yield info.filename, info.file_size


def recognise(path: Path) -> Literal["bundle", "manifest"] | None:
    """What kind of model lies at a path, by names alone; None where it is neither.

    Parameters
    ----------
    path : Path
        A folder, a zip, or a JSON manifest. A folder with a ``pyproject.toml`` is a package.
    """
    suffix = path.suffix.lower()
    if path.is_file() and suffix not in (".zip", ".json"):
        return None
    if suffix == ".json" and path.name != MANIFEST:
        return None
    try:
        files = ModelFiles(path)
    except InputError:
        return None
    if "pyproject.toml" in files:
        return None
    if MANIFEST in files:
        return "manifest"
    return "bundle" if METADATA in files else None


def refused(reason: str) -> InputError:
    """The one error of this room: the model cannot be taken, and why."""
    return InputError(f"This model cannot be used. {reason}", code="bundle")


def _place_of_manifest(name: str) -> bool:
    return "/" not in name or _LICENCE.fullmatch(name) is not None


def _place_of_bundle(name: str) -> bool:
    top, _, below = name.partition("/")
    # A folder with a project file is a package, and `recognise` has to see that.
    return top in _FOLDERS if below else bool(_BESIDE.fullmatch(top)) or top == "pyproject.toml"


def _is_wanted(name: str) -> bool:
    if any("\ud800" <= letter <= "\udfff" for letter in name):
        return False  # no text, and no member of a zip
    return not any(part.startswith(".") or part in _LEFT_OUT for part in name.split("/"))


def _common_folder(names: dict[str, int]) -> str:
    """The one folder in which a zip keeps everything, with its slash; else nothing."""
    if MANIFEST in names or METADATA in names:
        return ""
    heads = {name.split("/")[0] for name in names}
    return f"{heads.pop()}/" if len(heads) == 1 and names else ""
