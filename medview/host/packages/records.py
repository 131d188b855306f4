"""What is written down of installed packages: generations of each, and which one is in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from medview.host.packages.errors import PackageError

SCHEMA = "medview.packages/1"
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
    """All installed packages by name, and the models and packages that were switched off."""

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
        PackageError
            If there is none.
        """
        package = self.packages[name]
        former = package.former
        if former is None:
            raise PackageError(
                f"There is no earlier installation of '{name}' to go back to.",
                code="nothing-to-roll-back",
            )
        return replace(self, packages={**self.packages, name: replace(package, active=former.id)})

    def without(self, name: str) -> Index:
        """Without a package, and with nothing of it left among what was switched off."""
        models = {m.id for g in self.packages[name].generations for m in g.models}
        packages = {key: value for key, value in self.packages.items() if key != name}
        return Index(packages, self.disabled - models - {name})

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


def decode(document: Any) -> Index:
    """Read `encode`'s document; raises ValueError, TypeError or KeyError where it is none."""
    if document["schema"] != SCHEMA:
        raise ValueError(document["schema"])
    packages = [_package(entry) for entry in document["packages"]]
    return Index({p.name: p for p in packages}, frozenset(map(str, document["disabled"])))


def _package(entry: Any) -> Package:
    package = Package(
        str(entry["name"]), str(entry["active"]), tuple(map(_generation, entry["generations"]))
    )
    if package.active not in {g.id for g in package.generations}:
        raise ValueError("the generation in use is not there")
    return package


def _generation(entry: Any) -> Generation:
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
