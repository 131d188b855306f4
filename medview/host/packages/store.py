"""`PackageStore`: installed packages in directories of their own, and the index that names them.

Nothing is ever changed in place. A directory is filled under ``staging``, renamed into
``generations`` and only then named in the index, which is replaced whole; what no index names
and nobody claims is swept by the next change.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from medview.host.packages.claims import Claim, held
from medview.host.packages.durable import sweep_unfinished
from medview.host.packages.errors import PackageError, disk_told
from medview.host.packages.index_file import DAMAGED, damaged, read_index, write_index
from medview.host.packages.records import Generation, Index, Package, index_of
from medview.host.packages.sealed import (
    SITE,
    forget,
    note,
    noted,
    put_in_place,
    seal,
)
from medview.host.packages.trees import remove_tree

_PATIENCE_S = 2.0
_TICK_S = 0.02


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
        return self.place(generation) / SITE

    def index(self) -> Index:
        """What is installed now.

        Raises
        ------
        PackageError
            As `medview.host.packages.index_file.read_index`.
        """
        index = read_index(self.index_file)
        if index is None and self._noted():
            # Taken for empty, it would have every package swept.
            raise damaged(self.index_file, "is gone")
        return index or Index()

    def change(self, change: Callable[[Index], Index]) -> Index:
        """Replace the index by what `change` makes of it, then sweep what it no longer names."""
        with self._locked():
            index = change(self.index())
            write_index(self.index_file, index)
            self._sweep(index)
        return index

    def sweep(self) -> None:
        """Remove what installations that were cut off have left."""
        if self._folder.is_dir():
            with self._locked():
                self._sweep(self.index())

    def mend(self) -> Index | None:
        """Where the index is damaged or gone, make it again from the directories.

        A damaged one is kept beside.
        Of each package the newest installation is in use, and what was switched off is on.
        Nothing is swept.

        Returns
        -------
        Index or None
            What was made; None where there was nothing to mend.

        Raises
        ------
        PackageError
            As `index`, if something else is wrong than damage.
        """
        if not self._folder.is_dir():
            return None
        with self._locked():
            try:
                self.index()
            except PackageError as error:
                if error.code != DAMAGED:
                    raise
            else:
                return None
            index = index_of(self._noted())
            if self.index_file.exists():
                # A copy: whatever fails here, there is an index afterwards.
                shutil.copy(self.index_file, self.index_file.with_suffix(".damaged.json"))
            write_index(self.index_file, index)
        return index

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

    def put(self, staging: Staging, generation: Generation) -> Generation:
        """Make a filled folder immutable and rename it into place; the index does not name it yet.

        Parameters
        ----------
        staging : Staging
        generation : Generation
            What it holds.

        Returns
        -------
        Generation
            The same, with its files pinned.
        """
        _private(self._folder / "generations")
        # All of it is on the disk before the index, which surely is, can name it.
        sealed = seal(staging.folder, generation)
        put_in_place(staging.folder, self.place(generation.id))
        return sealed

    def adopt(self, generation: Generation) -> Index:
        """Put to use what `put` has placed."""
        with self._locked():
            index = self.index().with_generation(generation)
            write_index(self.index_file, index)
            self._sweep(index)
        return index

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
            # Shared with runs of its models, which may go on.
            claims = tuple(Claim(folder / each.id, shared=True) for each in package.generations)
            for claim in claims:
                claim.take()
            without = index.without(name)
            write_index(self.index_file, without)
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
            write_index(self.index_file, Index(packages, index.disabled | removed.disabled))
        self.let_go(removed)

    def let_go(self, removed: Removed) -> None:
        """Give up what was set aside; idempotent."""
        for claim in removed.claims:
            claim.release()
        self.sweep()

    @contextmanager
    def in_use(self, generation: str) -> Iterator[None]:
        """Keep the directory of a generation while the block runs, also if it is removed.

        Raises
        ------
        PackageError
            If it is not there any more, code ``package-gone``.
        """
        claim = Claim(self._folder / "claims" / generation, shared=True)
        deadline = time.monotonic() + _PATIENCE_S
        # Where nobody may write here, nobody can sweep either.
        with contextlib.suppress(OSError, PackageError):
            _private(self._folder / "claims")
            while not claim.take() and time.monotonic() < deadline:
                time.sleep(_TICK_S)
        try:
            if not self.site(generation).is_dir():
                raise PackageError(
                    "Its package was removed or replaced meanwhile.", code="package-gone"
                )
            yield
        finally:
            claim.release()

    def _noted(self) -> tuple[Generation, ...]:
        return noted(_children(self._folder / "generations"))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with disk_told("Changing the installed models"):
            _private(self._folder)
            with held(self._folder / "lock"):
                yield

    def _sweep(self, index: Index) -> None:
        sweep_unfinished(self._folder)
        for folder in _children(self._folder / "staging"):
            self._remove_unclaimed(folder)
        named = {g.id: g for p in index.packages.values() for g in p.generations}
        for folder in _children(self._folder / "generations"):
            if folder.name not in named:
                # Whoever keeps it still: it is no part of an index that is made again.
                forget(folder)
                self._remove_unclaimed(folder)
            else:
                # Only now, so that a record is never without an index that names it; and a
                # full disk that takes no record undoes no change.
                with contextlib.suppress(OSError):
                    note(folder, named[folder.name])
        for path in _children(self._folder / "claims"):
            claim = Claim(path)
            if claim.take():
                claim.discard()

    def _remove_unclaimed(self, folder: Path) -> None:
        claim = Claim(_private(self._folder / "claims") / folder.name)
        if claim.take():
            # Still claimed, so that no run begins in what is half gone.
            with contextlib.suppress(OSError):
                remove_tree(folder)
            claim.discard()


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
