"""Make wheels of what is installed here: of medview itself, and of distributions as recorded."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath

from packaging.requirements import InvalidRequirement, Requirement

import medview
from medview import __version__
from medview.core.resources import resource
from medview.host.discovery import normalised
from medview.host.packages.errors import PackageError

OWN = "medview-imaging"
_BLOCK = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)
_SKIPPED = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})


def own_wheel(folder: Path) -> Path:
    """A wheel of the running medview, the same bytes each time.

    It is made from the files that run, so that it works from a checkout and from an
    installation alike, and no index is ever asked for ``medview-imaging``.
    """
    installed = distribution(OWN)
    info = f"medview_imaging-{__version__}.dist-info"
    members: dict[str, bytes | Path] = {
        f"{info}/METADATA": (installed.read_text("METADATA") or "").encode(),
        f"{info}/entry_points.txt": (installed.read_text("entry_points.txt") or "").encode(),
    }
    package = Path(medview.__file__).parent
    members.update(_tree(package, "medview"))
    resources = resource("weights").joinpath("..")
    if isinstance(resources, Path):
        members.update(_tree(resources.resolve(), "medview/_resources"))
    tags = "Root-Is-Purelib: true\nTag: py3-none-any\n"
    return _write(folder, "medview_imaging", __version__, "py3-none-any", tags, members, {})


def wheel_of_installed(installed: Distribution, folder: Path, *, unchanged: bool = False) -> Path:
    """A wheel with the files of an installed distribution, as its RECORD lists them.

    Parameters
    ----------
    installed : Distribution
    folder : Path
    unchanged : bool
        Refuse it where a file has another hash than RECORD says.

    Raises
    ------
    PackageError
        If the files are not there, for example in an editable installation.
    """
    text = installed.read_text("WHEEL") or ""
    tags = [line[4:].strip() for line in text.splitlines() if line.startswith("Tag:")]
    if not tags or not installed.files or is_editable(installed):
        raise PackageError(f"'{installed.name}' is not installed as files of a wheel.")
    members: dict[str, bytes | Path] = {}
    recorded: dict[str, str] = {}
    for file in installed.files:
        path = PurePosixPath(file.as_posix())
        own = path.parts[0].endswith(".dist-info") and path.name in _SKIPPED
        if ".." in path.parts or path.is_absolute() or path.suffix == ".pyc" or own:
            continue
        if path.parts[0].endswith(".dist-info") and path.name == "WHEEL":
            continue
        members[str(path)] = Path(str(installed.locate_file(file)))
        if unchanged and file.hash is not None and file.hash.mode == "sha256":
            recorded[str(path)] = file.hash.value
    pure = "Root-Is-Purelib: " + ("false" if "Root-Is-Purelib: false" in text else "true")
    name = normalised(installed.name).replace("-", "_")
    told = "\n".join([pure, *(f"Tag: {tag}" for tag in tags)]) + "\n"
    try:
        return _write(folder, name, installed.version, _one_tag(tags), told, members, recorded)
    except FileNotFoundError as error:
        raise PackageError(f"'{installed.name}' is not installed whole.") from error


def base_wheels(folder: Path) -> tuple[Path, ...]:
    """Wheels of what medview's plain installation needs, made from what is installed here.

    With them a package that needs a complete set of its own can be installed offline.
    """
    made = []
    for installed in needed_by(OWN):
        try:
            made.append(wheel_of_installed(installed, folder))
        except PackageError:
            continue  # an index may have it
    return tuple(made)


def needed_by(name: str) -> tuple[Distribution, ...]:
    """The installed distributions that one needs, directly or not, itself left out."""
    found: dict[str, Distribution] = {}
    waiting = [name]
    while waiting:
        for wanted in _requirements(distribution(waiting.pop())):
            key = normalised(wanted.name)
            if key in found or key == name:
                continue
            try:
                found[key] = distribution(key)
            except PackageNotFoundError:
                continue
            waiting.append(key)
    return tuple(found.values())


def is_editable(installed: Distribution) -> bool:
    """Whether only a pointer to a source folder is installed."""
    return '"editable": true' in (installed.read_text("direct_url.json") or "")


def _requirements(installed: Distribution) -> Iterator[Requirement]:
    for text in installed.requires or ():
        try:
            wanted = Requirement(text)
        except InvalidRequirement:
            continue
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            yield wanted


def _tree(root: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"{prefix}/{path.relative_to(root).as_posix()}", path


def _one_tag(tags: Iterable[str]) -> str:
    columns = zip(*(tag.split("-") for tag in tags), strict=True)
    return "-".join(".".join(dict.fromkeys(column)) for column in columns)


def _write(
    folder: Path,
    name: str,
    version: str,
    tag: str,
    tags: str,
    members: Mapping[str, bytes | Path],
    recorded: Mapping[str, str],
) -> Path:
    info = f"{name}-{version}.dist-info"
    inside = next((m.split("/")[0] for m in members if m.endswith(".dist-info/METADATA")), info)
    wheel = f"Wheel-Version: 1.0\nGenerator: medview {__version__}\n{tags}"
    whole = {**members, f"{inside}/WHEEL": wheel.encode()}
    path = folder / f"{name}-{version}-{tag}.whl"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    rows = []
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in sorted(whole.items()):
            digest, size = _add(archive, member, content)
            if recorded.get(member, digest) != digest:
                raise PackageError(
                    f"'{member.rpartition('/')[2]}' of '{name} {version}' was changed since it "
                    "was installed. Install it again.",
                    code="package-changed",
                )
            rows.append(f"{member},sha256={digest},{size}\n")
        record = "".join([*rows, f"{inside}/RECORD,,\n"])
        _add(archive, f"{inside}/RECORD", record.encode())
    return path


def _add(archive: zipfile.ZipFile, member: str, content: bytes | Path) -> tuple[str, int]:
    """Add one file, in blocks; gives its hash, as a RECORD has it, and its size."""
    with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as source:
        entry = zipfile.ZipInfo(member, _EPOCH)
        entry.file_size = source.seek(0, io.SEEK_END)
        source.seek(0)
        # Libraries are not packed: the wheel is read once, on this computer.
        large = entry.file_size > 1 << 20
        entry.compress_type = zipfile.ZIP_STORED if large else zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        digest, size = hashlib.sha256(), 0
        with archive.open(entry, "w") as target:
            while block := source.read(_BLOCK):
                digest.update(block)
                size += len(block)
                target.write(block)
    return base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode(), size
