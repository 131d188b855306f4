"""Look after installed packages: which there are, remove, switch on and off, roll back."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from medview.core.errors import UsageError
from medview.host.discovery import Found, normalised
from medview.host.packages.errors import PackageError
from medview.host.packages.records import Generation, Index, Package
from medview.host.packages.store import PackageStore


@dataclass(frozen=True, slots=True)
class Installed:
    """A distribution that brings models, wherever it is installed.

    Attributes
    ----------
    name, version : str
    package : Package or None
        Its record; None where it is installed with the application.
    models : tuple of str
        Ids.
    is_disabled : bool
        Whether it, or each of its models, was switched off.
    """

    name: str
    version: str
    package: Package | None
    models: tuple[str, ...]
    is_disabled: bool


def installed_packages(
    found: Iterable[Found], index: Index, disabled: frozenset[str]
) -> tuple[Installed, ...]:
    """All distributions with models, by name.

    Parameters
    ----------
    found : iterable of Found
        What discovery found.
    index : Index
        Of the packages in directories of their own.
    disabled : frozenset of str
        Ids and distributions that are switched off.
    """
    here: dict[str, list[Found]] = {}
    for item in found:
        if not item.site:
            here.setdefault(item.distribution, []).append(item)
    all_of_them = [
        Installed(name, items[0].version, None, ids, _is_off(name, ids, disabled))
        for name, items in here.items()
        if (ids := tuple(item.id for item in items))
    ]
    for name, package in index.packages.items():
        ids = tuple(model.id for model in package.current.models)
        version = package.current.version
        off = _is_off(name, ids, disabled)
        all_of_them.append(Installed(name, version, package, ids, off))
    return tuple(sorted(all_of_them, key=lambda each: (each.name, each.package is not None)))


def named(installed: Iterable[Installed], name: str) -> Installed:
    """The distribution of that name, or that brings the model of that id.

    Where one is installed with the application and in a directory of its own, the latter is
    meant: it is what can be changed.

    Raises
    ------
    UsageError
        If there is none, code ``unknown-package``.
    """
    everything = sorted(installed, key=lambda each: each.package is None)
    for each in everything:
        if normalised(name) == each.name:
            return each
    for each in everything:
        if name in each.models:
            return each
    known = sorted({word for each in everything for word in (each.name, *each.models)})
    near = difflib.get_close_matches(name, known, 1)
    hint = f"Did you mean '{near[0]}'?" if near else "See: medview plugins list"
    raise UsageError(f"There is no model or package '{name}'. {hint}", code="unknown-package")


def own_package(installed: Iterable[Installed], name: str) -> Package:
    """As `named`, where it can be removed or rolled back.

    Raises
    ------
    UsageError
        If it is installed with the application.
    """
    each = named(installed, name)
    if each.package is None:
        raise UsageError(
            f"'{each.name}' is installed with the application, which medview does not change. "
            f"It can be switched off: medview plugins disable {each.name}",
            code="package-of-application",
        )
    return each.package


def remove(store: PackageStore, package: Package) -> None:
    """Take a package away with all its generations."""
    store.change(
        lambda index: index.without(package.name) if package.name in index.packages else index
    )


def roll_back(store: PackageStore, package: Package) -> Generation:
    """Go back to the generation before the one in use, and return it.

    Raises
    ------
    PackageError
        If there is none.
    """
    return (
        store.change(lambda index: index.rolled_back(package.name)).packages[package.name].current
    )


def switch(store: PackageStore, names: Iterable[str], *, on: bool) -> None:
    """Switch models or distributions on or off."""
    store.change(lambda index: index.switched(frozenset(names), on=on))


def _is_off(name: str, models: tuple[str, ...], disabled: frozenset[str]) -> bool:
    return name in disabled or (bool(models) and set(models) <= disabled)


def repair(store: PackageStore, cards: Path) -> None:
    """Sweep what installations have left, and have every model describe itself again.

    A damaged index is set aside, because no package of it can be trusted: they are installed
    again by their owner.
    """
    shutil.rmtree(cards, ignore_errors=True)
    try:
        store.sweep()
    except PackageError:
        store.set_index_aside()
