"""Read an `Offer` from a wheel or a source folder; nothing of the package is run or imported."""

from __future__ import annotations

import configparser
import email.parser
import email.policy
import email.utils
import hashlib
import os
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from email.message import Message
from pathlib import Path
from typing import Any

from medview.core.printable import one_line
from medview.host.discovery import normalised
from medview.host.hashing import sha256_of
from medview.host.packages.archive import DAMAGED, damaged, opened, read_member
from medview.host.packages.errors import PackageError
from medview.host.packages.offer import (
    CARD,
    MAX_CARD,
    MOST_MODELS,
    Offer,
    OfferedModel,
    models_of_card,
)
from medview.host.packages.records import ModelEntry
from medview.host.packages.shipped import unsound_weights

_GROUP = "medview.model.v"
_MAX_TEXT = 4 << 20
_MOST_FILES = 20_000
_MOST_REQUIRES = 500
_MOST_BYTES = 8 << 30
_FIELDS = {
    "description": "summary",
    "license": "licences",
    "classifiers": "licences",
    "authors": "publisher",
    "maintainers": "publisher",
    "dependencies": "requires",
    "entry-points": "entries",
}
"""Fields of an offer by the keys of pyproject.toml."""
_LEFT_OUT_AT_TOP = frozenset({"node_modules", "build", "dist", "venv", "env"})


def offer_of_wheel(path: Path) -> Offer:
    """What a wheel says of itself.

    Raises
    ------
    PackageError
        If it is no sound wheel.
    """
    with opened(path) as archive:
        names = [info.filename for info in archive.infolist()]
        metadata = [n for n in names if n.count("/") == 1 and n.endswith(".dist-info/METADATA")]
        if len(metadata) != 1:
            raise PackageError(f"'{path.name}' is no wheel: it has no METADATA of its own.")
        head = email.parser.Parser(policy=email.policy.compat32).parsestr(
            _text(archive, metadata[0]), headersonly=True
        )
        points = metadata[0].replace("METADATA", "entry_points.txt")
        text = _text(archive, points) if points in names else ""
        named = [name for name in sorted(names) if _is_card(name)]
        _require_few(len(named))
        described = [(name, _models(read_member(archive, name, MAX_CARD))) for name in named]
        unsound = unsound_weights(described, lambda name: _hash_of_member(archive, name))
    licences = (head.get("License-Expression"), head.get("License"))
    return Offer(
        kind="wheel",
        distribution=normalised(_line(head.get("Name"))),
        version=_line(head.get("Version")),
        summary=_line(head.get("Summary")),
        licences=_stated(*licences, _classified(head.get_all("Classifier") or ())),
        licence_files=_texts(head.get_all("License-File")),
        publisher=_people_of_head(head),
        entries=_entries_of_text(text),
        models=_all_models(described),
        requires=_texts(head.get_all("Requires-Dist")),
        build_requires=(),
        sha256=sha256_of(path),
        size_bytes=path.stat().st_size,
        unsound=unsound,
    )


def offer_of_folder(folder: Path) -> Offer:
    """What a source folder says of itself in pyproject.toml and its model cards.

    Raises
    ------
    PackageError
        If it is no Python project, or too large.
    """
    project_file = folder / "pyproject.toml"
    legacy = any((folder / name).is_file() for name in ("setup.py", "setup.cfg"))
    if not project_file.is_file() and not legacy:
        raise PackageError(
            f"'{folder.name}' holds no pyproject.toml, so it is no package that can be installed.",
            code="package-unknown",
        )
    try:
        document = {} if not project_file.is_file() else tomllib.loads(_text_of_file(project_file))
    except (OSError, ValueError, RecursionError) as error:
        why = f": {one_line(str(error), 200)}" if isinstance(error, ValueError) else ""
        raise PackageError(f"The pyproject.toml of '{folder.name}' is damaged{why}.") from error
    project = _table(document, "project")
    build = _table(document, "build-system")
    sha256, size, cards, hashes = _digest(folder)
    described = [(name, _models(text)) for name, text in cards]
    return Offer(
        kind="folder",
        distribution=normalised(str(project.get("name", ""))),
        version=_line(project.get("version")),
        summary=_line(project.get("description")),
        licences=_licences(project, folder),
        licence_files=(),
        publisher=_people(project),
        entries=_entries_of_table(_table(project, "entry-points")),
        models=_all_models(described),
        requires=_texts(project.get("dependencies")),
        build_requires=_texts(build.get("requires")) or ("setuptools",),
        sha256=sha256,
        size_bytes=size,
        untold=_untold(document.get("project")),
        unsound=unsound_weights(described, hashes.get),
    )


def source_files(folder: Path) -> Iterator[Path]:
    """The files of a source folder that belong to the package, in a fixed order.

    Hidden folders, environments and what builds leave are left out; links are not followed.

    Raises
    ------
    PackageError
        If there are too many, or they are too large.
    """
    count, size = 0, 0
    for place, folders, files in os.walk(folder):
        left_out = {"__pycache__"} | (_LEFT_OUT_AT_TOP if Path(place) == folder else set())
        folders[:] = sorted(n for n in folders if not n.startswith(".") and n not in left_out)
        for name in sorted(files):
            path = Path(place, name)
            if not _is_text(str(path.relative_to(folder))):
                raise PackageError(
                    f"'{folder.name}' holds a file whose name is no text: {name!a}.",
                    code="package-file-name",
                )
            if path.is_symlink() or not path.is_file():
                continue
            count, size = count + 1, size + path.stat().st_size
            if count > _MOST_FILES or size > _MOST_BYTES:
                raise PackageError(
                    f"'{folder.name}' is too large for a package: more than {_MOST_FILES} files "
                    f"or {_MOST_BYTES >> 30} GiB.",
                    code="package-too-large",
                )
            yield path


def _digest(folder: Path) -> tuple[str, int, list[tuple[str, bytes]], dict[str, str]]:
    """Hash and size of all of it, its cards by their paths, and the hash of each file."""
    total, size = hashlib.sha256(), 0
    cards: list[tuple[str, bytes]] = []
    hashes: dict[str, str] = {}
    for path in source_files(folder):
        name = path.relative_to(folder).as_posix()
        hashes[name] = sha256_of(path)
        total.update(f"{name}\0{hashes[name]}\n".encode())
        size += path.stat().st_size
        if _is_card(name) and path.stat().st_size <= MAX_CARD:
            cards.append((name, path.read_bytes()))
            _require_few(len(cards))
    return total.hexdigest(), size, cards, hashes


def _hash_of_member(archive: zipfile.ZipFile, name: str) -> str | None:
    try:
        with archive.open(name) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    except KeyError:
        return None
    except DAMAGED as error:
        raise damaged(archive, f"'{name.rpartition('/')[2][:80]}' in it cannot be read") from error


def _is_card(name: str) -> bool:
    parts = name.split("/")
    return parts[-1] == CARD and "tests" not in parts


def _models(card: bytes) -> tuple[OfferedModel, ...]:
    models = models_of_card(card)
    _require_few(len(models))
    return models


def _all_models(
    described: Iterable[tuple[str, Iterable[OfferedModel]]],
) -> tuple[OfferedModel, ...]:
    models = tuple(model for _, models in described for model in models)
    _require_few(len(models))
    return models


def _require_few(models: int) -> None:
    if models > MOST_MODELS:
        raise PackageError(
            f"It describes more than {MOST_MODELS} models.", code="package-too-many-models"
        )


def _entries_of_text(text: str) -> tuple[ModelEntry, ...]:
    parser = configparser.ConfigParser(delimiters=("=",), interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise PackageError("Its list of entry points is damaged.") from error
    return _entries_of_table(
        {section: dict(parser.items(section)) for section in parser.sections()}
    )


def _entries_of_table(groups: Mapping[str, Any]) -> tuple[ModelEntry, ...]:
    return tuple(
        ModelEntry(one_line(str(name)), group, one_line(str(target)))
        for group, points in sorted(groups.items())
        if group.startswith(_GROUP) and isinstance(points, Mapping)
        for name, target in sorted(points.items())
    )


def _table(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    return value if isinstance(value, Mapping) else {}


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    if len(value) > _MOST_REQUIRES:
        raise PackageError(f"It states more than {_MOST_REQUIRES} dependencies.")
    return tuple(one_line(str(each)) for each in value)


def _licences(project: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    given = project.get("license")
    if isinstance(given, Mapping):
        file = folder / str(given.get("file", ""))
        inside = file.is_file() and file.resolve().is_relative_to(folder.resolve())
        given = given.get("text") or (_text_of_file(file) if inside else given.get("file"))
    return _stated(given, _classified(_list(project.get("classifiers"))))


def _text_of_file(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(_MAX_TEXT)


def _stated(*licences: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(_line, licences))))


def _untold(project: Any) -> frozenset[str]:
    """Which fields of an offer only the build tells (PEP 621: what is dynamic)."""
    if not isinstance(project, Mapping):
        return frozenset(_FIELDS.values())
    dynamic = set(map(str, _list(project.get("dynamic"))))
    if project.get("license") is not None:
        dynamic.discard("classifiers")
    return frozenset(_FIELDS[name] for name in dynamic & set(_FIELDS))


def _people(project: Mapping[str, Any]) -> str:
    people = [*_list(project.get("authors")), *_list(project.get("maintainers"))]
    named = [p.get("name") or p.get("email") for p in people if isinstance(p, Mapping)]
    return _line(", ".join(str(name) for name in named if name))


def _people_of_head(head: Message) -> str:
    named = [head.get("Author"), head.get("Maintainer")]
    written = [str(head[n]) for n in ("Author-email", "Maintainer-email") if head[n]]
    named += [name or address for name, address in email.utils.getaddresses(written)]
    return _line(", ".join(str(name) for name in named if name))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _classified(classifiers: Iterable[Any]) -> str:
    found = [str(c) for c in classifiers if str(c).startswith("License ::")]
    return ", ".join(c.rpartition("::")[2].strip() for c in found)


def _line(value: Any) -> str:
    return one_line(str(value or ""), 500)


def _text(archive: zipfile.ZipFile, name: str) -> str:
    return read_member(archive, name, _MAX_TEXT).decode("utf-8", "replace")


def _is_text(name: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in name)
