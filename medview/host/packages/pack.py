"""Offline packs: one zip with a package, its locked wheels, its weights, and a hash of each."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from packaging.tags import sys_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename

from medview import __version__
from medview.core.printable import printable
from medview.core.progress import ProgressFn, ignore_progress
from medview.host.hashing import sha256_of
from medview.host.packages.archive import opened, read_member, unpack
from medview.host.packages.errors import PackageError
from medview.host.packages.records import Locked
from medview.host.packages.sources import PACK_MANIFEST

SCHEMA = "medview.pack/1"
_MAX_MANIFEST = 4 << 20
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]*")


@dataclass(frozen=True, slots=True)
class PackedWeights:
    """Weights in a pack: of which model, the file, whose name the card declares, its SHA-256.

    The hash is that of the manifest, and empty before there is one.
    """

    model: str
    file: Path
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """An unpacked and verified offline pack.

    Attributes
    ----------
    plugin : Path
        The package's wheel.
    wheels : Path
        The folder in which it lies, with the wheels that it needs.
    weights : tuple of PackedWeights
    python, platform : str
        What it was made for.
    shared : tuple of str
        ``name==version`` of what it used of the application that made it.
    """

    plugin: Path
    wheels: Path
    weights: tuple[PackedWeights, ...]
    python: str
    platform: str
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Member:
    path: str
    sha256: str
    size_bytes: int


def write_pack(
    target: Path,
    wheels: Sequence[Path],
    weights: Sequence[PackedWeights],
    *,
    python: str,
    platform: str,
    shared: Sequence[str],
    resolved: Sequence[Locked] = (),
    progress: ProgressFn = ignore_progress,
) -> None:
    """Write a pack.

    Parameters
    ----------
    target : Path
        The zip; must not exist.
    wheels : sequence of Path
        The package's own first.
    weights : sequence of PackedWeights
    python, platform : str
        What the wheels fit, e.g. ``"3.11"`` and ``"linux_x86_64"``.
    shared : sequence of str
        ``name==version`` of what it uses of the application.
    resolved : sequence of Locked
        The wheels that were installed. Those in the pack are made anew of their files, so they
        have other hashes: these are for whoever compares with where they came from.
    """
    files = [(f"wheels/{wheel.name}", wheel) for wheel in wheels]
    files += [(f"weights/{w.model}/{w.file.name}", w.file) for w in weights]
    members = [_Member(name, sha256_of(path), path.stat().st_size) for name, path in files]
    manifest = {
        "schema": SCHEMA,
        "plugin": files[0][0],
        "python": python,
        "platform": platform,
        "medview": __version__,
        "shared": list(shared),
        "resolved": [asdict(item) for item in resolved],
        "members": [asdict(member) for member in members],
    }
    with zipfile.ZipFile(target, "x", zipfile.ZIP_STORED) as archive:
        archive.writestr(PACK_MANIFEST, json.dumps(manifest, indent=2))
        for done, (name, path) in enumerate(files):
            progress(done / len(files), f"Packing {path.name}")
            with path.open("rb") as source, archive.open(_plain(name), "w", force_zip64=True) as to:
                shutil.copyfileobj(source, to, 1 << 20)


def read_pack(path: Path, target: Path, progress: ProgressFn = ignore_progress) -> Pack:
    """Unpack a pack below `target` and verify every member.

    Raises
    ------
    PackageError
        If a member was changed, added or left out, or it is for another Python.
    """
    with opened(path) as archive:
        manifest = _manifest(read_member(archive, PACK_MANIFEST, _MAX_MANIFEST))
        expected: dict[str, str] = manifest["members"]
        names = {i.filename for i in archive.infolist() if not i.is_dir()} - {PACK_MANIFEST}
        if names != set(expected):
            raise _refused(path, "its members are not those that its manifest lists")
        found = unpack(archive, target, progress)
    for name, sha256 in expected.items():
        if found[name] != sha256:
            raise _refused(path, f"'{name.rpartition('/')[2]}' was changed since it was packed")
    weights = [(*name.split("/"), sha256) for name, sha256 in expected.items()]
    return Pack(
        plugin=target / manifest["plugin"],
        wheels=target / "wheels",
        weights=tuple(
            PackedWeights(model, target / "weights" / model / file, sha256)
            for _, model, file, sha256 in (each for each in weights if each[0] == "weights")
        ),
        python=manifest["python"],
        platform=manifest["platform"],
        shared=manifest["shared"],
    )


def place_weights(pack: Pack, folder: Path) -> None:
    """Copy the weights of an unpacked pack to ``<folder>/<model>/<name>``; raises OSError."""
    for packed in pack.weights:
        target = folder / packed.model / packed.file.name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copyfile(packed.file, target)


def require_fitting(pack: Pack) -> None:
    """Refuse a pack of wheels that were made for another system or Python.

    Raises
    ------
    PackageError
        Code ``package-other-system``.
    """
    ours = frozenset(sys_tags())
    for wheel in sorted(pack.wheels.glob("*.whl")):
        try:
            fits = not ours.isdisjoint(parse_wheel_filename(wheel.name)[3])
        except InvalidWheelFilename as error:
            raise PackageError(f"'{wheel.name}' in the pack is no wheel.") from error
        if not fits:
            raise PackageError(
                f"The pack was made for {pack.platform} and Python {pack.python}: "
                f"'{wheel.name}' does not fit this computer.",
                code="package-other-system",
            )


def _manifest(text: bytes) -> Mapping[str, Any]:
    try:
        document = json.loads(text)
        if document["schema"] != SCHEMA:
            raise ValueError(document["schema"])
        members = {str(m["path"]): str(m["sha256"]) for m in document["members"]}
        if not all(map(_is_member, members)) or document["plugin"] not in members:
            raise ValueError("its members have no place in a pack")
        return {
            "members": members,
            "plugin": str(document["plugin"]),
            "python": printable(str(document["python"])),
            "platform": printable(str(document["platform"])),
            "shared": tuple(map(str, document["shared"])),
        }
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise PackageError(
            "The pack's manifest is damaged, or made by a newer medview.", code="package-pack"
        ) from error


def _is_member(name: str) -> bool:
    parts = name.split("/")
    plain = all(map(_PLAIN.fullmatch, parts))
    wheel = len(parts) == 2 and parts[0] == "wheels" and name.endswith(".whl")
    return plain and (wheel or (len(parts) == 3 and parts[0] == "weights"))


def _plain(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.external_attr = 0o644 << 16
    return info


def _refused(path: Path, why: str) -> PackageError:
    return PackageError(f"The pack '{path.name}' is refused: {why}.", code="package-pack")
