"""What is written down of installed packages: generations of each, and which one is in use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from medview.core.errors import UsageError
from medview.host.discovery import whole
from medview.host.packages.errors import PackageError

SCHEMA = "medview.packages/2"
_SCHEMA_BEFORE = "medview.packages/1"
_NUMBERED = re.compile(r"medview\.packages/(\d+)")
KEPT = 3
"""Generations of one package that stay: the one in use, and those to go back to."""


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """An entry point of a model: its id, the contract that it speaks, what is imported."""

    id: str
    api: str
    target: str


@dataclass(frozen=True, slots=True)
class Locked:
    """A wheel that was installed: distribution, version, SHA-256, and whence it came.

    `origin` is ``"offered"`` (the package itself), ``"medview"`` (the application's own
    wheel), ``"file"`` or ``"index"``; addresses, which may hold passwords, are not kept.
    """

    name: str
    version: str
    sha256: str
    origin: str


@dataclass(frozen=True, slots=True)
class Generation:
    """One installation of a package, immutable in a directory of its own.

    Attributes
    ----------
    id : str
        Name of the directory.
    distribution, version : str
        The name is normalised.
    models : tuple of ModelEntry
    complete : bool
        Whether the directory holds everything that the package needs, because its pins do
        not agree with the application's; else the rest is shared with the application.
    locked : tuple of Locked
        What lies in the directory.
    shared : tuple of str
        ``name==version`` of what it uses of the application.
    source : str
        ``"wheel"``, ``"folder"``, ``"zip"``, ``"pack"``, ``"index"`` or ``"bundle"``.
    python : str
        ``"3.11"``: compiled parts fit no other.
    host_version : str
        Of the medview that installed it.
    installed : str
        When, in UTC.
    files_sha256 : str
        Of the list of its files, which lies in its directory; empty where an earlier medview
        kept none.
    """

    id: str
    distribution: str
    version: str
    models: tuple[ModelEntry, ...]
    complete: bool
    locked: tuple[Locked, ...]
    shared: tuple[str, ...]
    source: str
    python: str
    host_version: str
    installed: str
    files_sha256: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """An installed distribution: its generations, oldest first, and the one in use."""

    name: str
    active: str
    generations: tuple[Generation, ...]

    @property
    def current(self) -> Generation:
        """The generation in use."""
        return next(g for g in self.generations if g.id == self.active)

    @property
    def former(self) -> Generation | None:
        """The generation before the one in use; None where there is none to go back to."""
        before = [g.id for g in self.generations].index(self.active) - 1
        return self.generations[before] if before >= 0 else None


@dataclass(frozen=True, slots=True)
class Index:
    """All installed packages by name, and what was switched off.

    Attributes
    ----------
    packages : mapping of str to Package
    disabled : frozenset of str
        ``a-b/bright`` (`Found.full_name`) for a model, ``a-b/*`` (`whole`) for a package. An id
        or a name alone comes from an earlier medview, and counts for whatever has it.
    """

    packages: Mapping[str, Package] = field(default_factory=dict)
    disabled: frozenset[str] = frozenset()

    def with_generation(self, new: Generation) -> Index:
        """With a generation put to use; those that were rolled back behind it are dropped."""
        kept: tuple[Generation, ...] = ()
        if (package := self.packages.get(new.distribution)) is not None:
            position = [g.id for g in package.generations].index(package.active)
            kept = package.generations[: position + 1]
        package = Package(new.distribution, new.id, (*kept, new)[-KEPT:])
        return replace(self, packages={**self.packages, new.distribution: package})

    def rolled_back(self, name: str) -> Index:
        """With the generation before the one in use.

        Raises
        ------
        UsageError
            If there is none.
        PackageError
            If the package itself is not there any more.
        """
        package = self.packages.get(name)
        if package is None:
            raise PackageError(f"'{name}' was removed meanwhile.", code="package-gone")
        former = package.former
        if former is None:
            raise UsageError(
                f"There is no earlier installation of '{name}' to go back to.",
                code="nothing-to-roll-back",
            )
        return replace(self, packages={**self.packages, name: replace(package, active=former.id)})

    def without(self, name: str) -> Index:
        """Without a package, and with nothing of it left among what was switched off."""
        packages = {key: value for key, value in self.packages.items() if key != name}
        disabled = frozenset(each for each in self.disabled if not each.startswith(f"{name}/"))
        return Index(packages, disabled)

    def switched(self, names: frozenset[str], *, on: bool) -> Index:
        """With models or packages switched on or off."""
        disabled = self.disabled - names if on else self.disabled | names
        return replace(self, disabled=disabled)

    @property
    def generations(self) -> frozenset[str]:
        """Directories that are in use or can be gone back to."""
        return frozenset(g.id for p in self.packages.values() for g in p.generations)


def encode(index: Index) -> dict[str, Any]:
    """The index as a JSON document."""
    return {
        "schema": SCHEMA,
        "packages": [asdict(package) for package in index.packages.values()],
        "disabled": sorted(index.disabled),
    }


class NewerIndex(ValueError):
    """The document is of a schema that only a newer medview knows."""


def decode(document: Any) -> Index:
    """Read `encode`'s document; raises ValueError, TypeError or KeyError where it is none.

    Raises
    ------
    NewerIndex
        Where a newer medview wrote it.
    """
    schema = document["schema"]
    number = _NUMBERED.fullmatch(schema)
    if number is not None and int(number[1]) > int(SCHEMA.rpartition("/")[2]):
        raise NewerIndex(schema)
    if schema not in (SCHEMA, _SCHEMA_BEFORE):
        raise ValueError(schema)
    packages = [_package(entry) for entry in document["packages"]]
    disabled = frozenset(map(str, document["disabled"]))
    if schema == _SCHEMA_BEFORE:
        disabled = frozenset(new for old in disabled for new in _bound(old, packages))
    return Index({p.name: p for p in packages}, disabled)


def index_of(generations: Iterable[Generation]) -> Index:
    """The index of generations, oldest first: the last one of each package is in use."""
    index = Index()
    for generation in generations:
        index = index.with_generation(generation)
    return index


def decode_generation(entry: Any) -> Generation:
    """Read ``asdict`` of a generation; raises as `decode` does."""
    values = {
        **entry,
        "models": tuple(ModelEntry(**m) for m in entry["models"]),
        "locked": tuple(Locked(**item) for item in entry["locked"]),
        "shared": tuple(entry["shared"]),
    }
    generation = Generation(**values)
    # It becomes a path: one plain name, or the index was tampered with.
    if not generation.id or generation.id.startswith(".") or set(generation.id) & set("/\\:"):
        raise ValueError("a generation is no plain name")
    return generation


def _package(entry: Any) -> Package:
    package = Package(
        str(entry["name"]),
        str(entry["active"]),
        tuple(map(decode_generation, entry["generations"])),
    )
    if package.active not in {g.id for g in package.generations}:
        raise ValueError("the generation in use is not there")
    return package


def _bound(name: str, packages: Iterable[Package]) -> frozenset[str]:
    """What the former schema, which bound nothing to a package, says by a name or an id."""
    named = {whole(package.name) for package in packages if package.name == name}
    models = {
        f"{package.name}/{name}"
        for package in packages
        if name in {model.id for generation in package.generations for model in generation.models}
    }
    return frozenset(named | models or {name})
