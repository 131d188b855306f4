"""Write a bundle or manifest as a small package, as source or as a wheel; runs nothing of it."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO

from medview.core.errors import InputError
from medview.host.bundles.files import MANIFEST, ModelFiles
from medview.host.bundles.network_file import require_network
from medview.host.bundles.static_model import StaticModel, read_model
from medview.host.card_json import card_text
from medview.host.spec import API

_CHUNK = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)
_HOOKS = '''\
"""Hooks of a model that is a file; medview reads and runs what lies beside this module."""

from medview.api.bundled import BundledModel

model = BundledModel(__name__)
'''
_PYPROJECT = """[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "{distribution}"
version = "{version}"
description = "A model for medview"
requires-python = ">=3.11"
dependencies = [{requires}]

[project.entry-points."{api}"]
{id} = "{module}:model"

[tool.hatch.build.targets.wheel]
packages = ["src/{module}"]
# Weights are what this package is for: no ignore file may leave them out.
artifacts = ["src/{module}/**"]
"""

Opener = Callable[[], AbstractContextManager[IO[bytes]]]


def as_package(path: Path, out_dir: Path) -> Path:
    """Write the source folder of a package and return it: ``out_dir/<distribution>``.

    Parameters
    ----------
    path : Path
        A folder, a zip, or a manifest; see `read_model`.
    out_dir : Path
        Must exist; nothing in it is replaced.

    Raises
    ------
    InputError
        If the model cannot be taken, or the folder is already there.
    """
    model, files = read_model(path), ModelFiles(path)
    folder = out_dir / model.distribution
    if folder.exists():
        raise InputError(f"There is already a folder {folder.name}.", code="bundle")
    try:
        requires = ", ".join(f'"{r}"' for r in model.requires)
        _write(folder / "pyproject.toml", _bytes(_pyproject(model, requires)))
        for name, opener in _members(model, files):
            _write(folder / "src" / model.module / name, opener)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def as_wheel(path: Path, out_dir: Path) -> Path:
    """Write a wheel (PEP 427) directly, without any build backend, and return it.

    Raises
    ------
    InputError
        As `as_package` does.
    """
    model, files = read_model(path), ModelFiles(path)
    if MANIFEST in files:
        for name, _ in model.weights:
            require_network(files, name)
    dist = f"{model.distribution.replace('-', '_')}-{model.version}"
    target = out_dir / f"{dist}-py3-none-any.whl"
    if target.exists():
        raise InputError(f"There is already a file {target.name}.", code="bundle")
    info = f"{dist}.dist-info"
    members = [(f"{model.module}/{name}", opener) for name, opener in _members(model, files)]
    members += [(f"{info}/{name}", _bytes(text)) for name, text in _wheel_texts(model)]
    try:
        with zipfile.ZipFile(target, "x", zipfile.ZIP_STORED) as archive:
            rows = [(name, *_add(archive, name, opener)) for name, opener in members]
            record = io.StringIO()
            csv.writer(record, lineterminator="\n").writerows([*rows, (f"{info}/RECORD", "", "")])
            _add(archive, f"{info}/RECORD", _bytes(record.getvalue()))
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return target


def _members(model: StaticModel, files: ModelFiles) -> Iterator[tuple[str, Opener]]:
    """Everything below the import package: name and how to open it."""
    yield "__init__.py", _bytes(_HOOKS)
    yield "medview_card.json", _bytes(card_text(model.card))
    weights = dict(model.weights)
    for member in files.belonging(weights):
        name = weights.get(member.name)
        yield (
            f"weights/{name}" if name else f"model/{member.name}",
            _from(files, member.name),
        )


def _wheel_texts(model: StaticModel) -> Iterator[tuple[str, str]]:
    requires = "".join(f"Requires-Dist: {r}\n" for r in model.requires)
    yield (
        "METADATA",
        f"Metadata-Version: 2.1\nName: {model.distribution}\nVersion: {model.version}\n"
        f"Summary: {_one_line(model.card.title)}\nLicense: {_one_line(model.card.code_licence)}\n"
        f"Author: {_one_line(model.card.publisher)}\nRequires-Python: >=3.11\n{requires}",
    )
    yield (
        "WHEEL",
        "Wheel-Version: 1.0\nGenerator: medview\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    )
    yield "entry_points.txt", f"[{API}]\n{model.id} = {model.module}:model\n"


def _pyproject(model: StaticModel, requires: str) -> str:
    return _PYPROJECT.format(
        distribution=model.distribution,
        version=model.version,
        requires=requires,
        api=API,
        id=model.id,
        module=model.module,
    )


def _one_line(text: str) -> str:
    return " ".join(text.split()) or "not stated"


def _bytes(text: str) -> Opener:
    @contextmanager
    def opened() -> Iterator[IO[bytes]]:
        yield io.BytesIO(text.encode())

    return opened


def _from(files: ModelFiles, name: str) -> Opener:
    return lambda: files.opened(name)


def _write(target: Path, opener: Opener) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with opener() as source, target.open("xb") as out:
        shutil.copyfileobj(source, out, _CHUNK)


def _add(archive: zipfile.ZipFile, name: str, opener: Opener) -> tuple[str, int]:
    """Store a member; its hash and size as RECORD has them."""
    digest, size = hashlib.sha256(), 0
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o644 << 16
    with opener() as source, archive.open(entry, "w", force_zip64=True) as out:
        while block := source.read(_CHUNK):
            digest.update(block)
            size += len(block)
            out.write(block)
    coded = base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
    return f"sha256={coded}", size
