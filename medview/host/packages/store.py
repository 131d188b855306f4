"""`PackageStore`: installed packages in directories of their own, and the index that names them.

Nothing is ever changed in place. A directory is filled under ``staging``, renamed into
``generations`` and only then named in the index, which is replaced whole; what no index names
and no running installation claims is swept by the next change.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from medview.host.packages.claims import Claim, held
from medview.host.packages.errors import PackageError, disk_told
from medview.host.packages.records import Generation, Index, Package, decode, encode

_MAX_INDEX = 16 << 20


@dataclass(eq=False)
class Staging:
    """A generation while it is made.

    Attributes
    ----------
    id : str
        The name that its directory will have.
    folder : Path
        Becomes the generation: what is put here stays.
    scratch : Path
        For whatever is needed meanwhile.
    """

    id: str
    folder: Path
    scratch: Path
    claim: Claim = field(repr=False)


@dataclass(frozen=True, eq=False)
class Removed:
    """A package that was taken out and can still be put back, and what of it was switched off."""

    package: Package
    disabled: frozenset[str]
    claims: tuple[Claim, ...]


class PackageStore:
    """The installed packages of one person; safe against other processes of this person.

    Parameters
    ----------
    folder : Path
        Made when something is installed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def index_file(self) -> Path:
        """The index; readable by its owner alone."""
        return self._folder / "index.json"

    def place(self, generation: str) -> Path:
        """The directory of a generation."""
        return self._folder / "generations" / generation

    def site(self, generation: str) -> Path:
        """Where the packages of a generation lie, to be put on a search path."""
        return self.place(generation) / "site"

    def index(self) -> Index:
        """What is installed now.

        Raises
        ------
        PackageError
            If the index is damaged, code ``package-index-damaged``.
        """
        try:
            with self.index_file.open("rb") as file:
                return decode(json.loads(file.read(_MAX_INDEX)))
        except FileNotFoundError:
            return Index()
        except PermissionError as error:
            raise PackageError(
                f"The list of installed models ({self.index_file.name}) may not be read.",
                code="package-index-damaged",
            ) from error
        except (OSError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise PackageError(
                f"The list of installed models ({self.index_file.name}) is damaged, so none of "
                "them is used. Delete it and install them again.",
                code="package-index-damaged",
            ) from error

    def change(self, change: Callable[[Index], Index]) -> Index:
        """Replace the index by what `change` makes of it, then sweep what it no longer names."""
        with self._locked():
            index = change(self.index())
            self._write(index)
            self._sweep(index)
        return index

    def sweep(self) -> None:
        """Remove what installations that were cut off have left."""
        if self._folder.is_dir():
            with self._locked():
                self._sweep(self.index())

    def set_index_aside(self) -> None:
        """Rename an index that cannot be read, so that packages can be installed again."""
        with self._locked():
            if self.index_file.exists():
                self.index_file.replace(self.index_file.with_suffix(".damaged.json"))
            self._sweep(Index())

    @contextmanager
    def staging(self, name: str) -> Iterator[Staging]:
        """A claimed folder to fill; what was not named in the index is gone when the block ends.

        Parameters
        ----------
        name : str
            Begins the name of the generation, for people who look.
        """
        with self._locked():
            self._sweep(self.index())
            made = f"{name}-{secrets.token_hex(4)}"
            _private(self._folder / "claims")
            claim = Claim(self._folder / "claims" / made)
            claim.take()
            holder = _private(self._folder / "staging") / made
            for part in ("", "filling", "scratch"):
                (holder / part).mkdir(mode=0o700)
        try:
            yield Staging(made, holder / "filling", holder / "scratch", claim)
        finally:
            claim.release()
            with contextlib.suppress(PackageError):
                self.sweep()

    def put(self, staging: Staging) -> Path:
        """Make a filled folder immutable and rename it into place; the index does not name it yet.

        Returns
        -------
        Path
            The generation's directory.
        """
        _private(self._folder / "generations")
        target = self.place(staging.id)
        _make_read_only(staging.folder)
        staging.folder.rename(target)
        target.chmod(0o500)
        return target

    def adopt(self, generation: Generation) -> Index:
        """Put to use what `put` has placed."""
        return self.change(lambda index: index.with_generation(generation))

    def set_aside(self, name: str) -> Removed:
        """Take a package out of the index, with its directories kept until it is let go.

        What the process that holds it leaves behind when it ends is swept by the next change.

        Raises
        ------
        PackageError
            If it is not there, code ``package-gone``.
        """
        with self._locked():
            index = self.index()
            package = index.packages.get(name)
            if package is None:
                raise PackageError(f"'{name}' was removed already.", code="package-gone")
            folder = _private(self._folder / "claims")
            claims = tuple(Claim(folder / each.id) for each in package.generations)
            for claim in claims:
                claim.take()
            without = index.without(name)
            self._write(without)
        return Removed(package, index.disabled - without.disabled, claims)

    def put_back(self, removed: Removed) -> None:
        """Undo `set_aside`, and let go of it.

        Raises
        ------
        PackageError
            If a package of that name was installed meanwhile, or it was let go already.
        """
        package = removed.package
        with self._locked():
            index = self.index()
            if package.name in index.packages or not self.site(package.active).is_dir():
                raise PackageError(
                    f"'{package.name}' cannot be put back any more. Install it again.",
                    code="package-gone",
                )
            packages = {**index.packages, package.name: package}
            self._write(Index(packages, index.disabled | removed.disabled))
        self.let_go(removed)

    def let_go(self, removed: Removed) -> None:
        """Give up what was set aside; idempotent."""
        for claim in removed.claims:
            claim.release()
        self.sweep()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        _private(self._folder)
        with held(self._folder / "lock"):
            yield

    def _write(self, index: Index) -> None:
        with disk_told("Writing the list of installed models"):
            # mkstemp makes a file that its owner alone can read.
            number, name = tempfile.mkstemp(prefix=".index-", dir=self._folder)
            with os.fdopen(number, "w", encoding="utf-8") as file:
                json.dump(encode(index), file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.index_file)
            _sync_folder(self._folder)

    def _sweep(self, index: Index) -> None:
        for leftover in self._folder.glob(".index-*"):
            leftover.unlink(missing_ok=True)
        for parent, named in (("staging", frozenset[str]()), ("generations", index.generations)):
            for folder in _children(self._folder / parent):
                if folder.name not in named and self._is_unclaimed(folder.name):
                    _remove(folder)
        for claim in _children(self._folder / "claims"):
            if self._is_unclaimed(claim.name):
                claim.unlink(missing_ok=True)

    def _is_unclaimed(self, name: str) -> bool:
        path = self._folder / "claims" / name
        if not path.exists():
            return True
        claim = Claim(path)
        free = claim.take()
        claim.release()
        return free


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []


def _private(folder: Path) -> Path:
    try:
        for place in reversed([p for p in (folder, *folder.parents) if not p.exists()]):
            place.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise PackageError(
            f"The folder for installed models cannot be made ({error.strerror}).",
            code="not-writable",
        ) from error
    return folder


def _make_read_only(folder: Path) -> None:
    # The top stays writable: a folder that is not cannot be moved to another parent.
    for place, folders, files in os.walk(folder):
        for name in files:
            path = Path(place, name)
            if not path.is_symlink():
                path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o555)
        for name in folders:
            Path(place, name).chmod(0o500)


def _remove(folder: Path) -> None:
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)
        return
    for place, folders, _files in os.walk(folder):
        Path(place).chmod(0o700)
        for name in folders:
            if not Path(place, name).is_symlink():
                Path(place, name).chmod(0o700)
    # What cannot be removed now, for example because Windows still uses it, goes next time.
    shutil.rmtree(folder, ignore_errors=True)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
