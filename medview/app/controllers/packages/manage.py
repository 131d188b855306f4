"""Look after installed packages: which there are, remove, switch on and off, roll back."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from medview.app.controllers.last_failures import LastFailures
from medview.core.errors import UsageError
from medview.host.discovery import FIRST_PARTY, Found, normalised, whole
from medview.host.packages.records import Generation, Index, Package
from medview.host.packages.store import PackageStore
from medview.worker.supervise.cards import CardStore, key_of
from medview.worker.supervise.launch import launch_of


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
        What is switched off, as `Found.switches` names it.
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
    """The distribution that brings the model of that id, or else is of that name.

    A name is free to anyone, so a package cannot stand in for a model by calling itself like
    it. ``DISTRIBUTION/MODEL`` and ``DISTRIBUTION/*`` mean just that one. Where one is installed
    with the application and in a directory of its own, the latter is meant: it is what can be
    changed.

    Raises
    ------
    UsageError
        If there is none, code ``unknown-package``.
    """
    everything = sorted(installed, key=_precedence)
    distribution, _, model = name.rpartition("/")
    for each in everything:
        if model in each.models and distribution in ("", each.name):
            return each
    if (package := _of_name(everything, name.removesuffix("/*"))) is not None:
        return package
    known = sorted({word for each in everything for word in (each.name, *each.models)})
    near = difflib.get_close_matches(name, known, 1)
    hint = f"Did you mean '{near[0]}'?" if near else "See: medview plugins list"
    raise UsageError(f"There is no model or package '{name}'. {hint}", code="unknown-package")


def own_package(installed: Iterable[Installed], name: str) -> Package:
    """As `named`, where it can be removed or rolled back; only such a one is meant here.

    Raises
    ------
    UsageError
        If it is installed with the application.
    """
    everything = tuple(installed)
    each = named(everything, name)
    if each.package is None and (other := _of_name(everything, name)) is not None:
        each = other
    if each.package is None:
        raise UsageError(
            f"'{each.name}' is installed with the application, which medview does not change. "
            f"It can be switched off: medview plugins disable {each.name}",
            code="package-of-application",
        )
    return each.package


def model_named(each: Installed, name: str) -> str:
    """The id of the model that a name as `named` takes it means; empty for the whole of it."""
    model = name.rpartition("/")[2]
    return model if model in each.models else ""


def remove(store: PackageStore, package: Package) -> bool:
    """Take a package away with all its generations.

    Returns
    -------
    bool
        Whether its files are gone too; those that a run uses go with the next change after it.
    """
    store.change(
        lambda index: index.without(package.name) if package.name in index.packages else index
    )
    return not any(store.place(each.id).exists() for each in package.generations)


def forget_failures(failures: LastFailures, package: Package, others: Iterable[Installed]) -> None:
    """Forget how runs of a removed package failed; not those of an id that another one has too."""
    kept = {model for each in others if each.package is not package for model in each.models}
    for model in {entry.id for each in package.generations for entry in each.models} - kept:
        failures.forget(model)


def roll_back(store: PackageStore, package: Package) -> Generation:
    """Go back to the generation before the one in use, and return it.

    Raises
    ------
    UsageError
        If there is none.
    """
    return (
        store.change(lambda index: index.rolled_back(package.name)).packages[package.name].current
    )


def switch(store: PackageStore, names: Iterable[str], *, on: bool) -> None:
    """Switch models or distributions on or off, as `Found.switches` names them."""
    store.change(lambda index: index.switched(frozenset(names), on=on))


def _of_name(installed: Iterable[Installed], name: str) -> Installed | None:
    found = [each for each in installed if each.name == normalised(name)]
    return min(found, key=lambda each: each.package is None, default=None)


def _precedence(each: Installed) -> tuple[bool, str, bool]:
    # As discovery has it: of two that bring one id, the application's own first.
    foreign = each.name not in FIRST_PARTY or each.package is not None
    return foreign, each.name, each.package is None


def _is_off(name: str, models: tuple[str, ...], disabled: frozenset[str]) -> bool:
    off = [model in disabled or f"{name}/{model}" in disabled for model in models]
    return bool({name, whole(name)} & disabled) or (bool(off) and all(off))


def repair(store: PackageStore, cards: Path) -> str:
    """Sweep what installations have left, and have every model describe itself again.

    A damaged index is kept beside, and made again from what lies in the directories; then
    nothing is swept.

    Returns
    -------
    str
        What was done about the index, in a sentence; empty where it was in order.

    Raises
    ------
    PackageError
        If something else is wrong with it than damage: nothing is changed then.
    """
    made = store.mend()
    if made is None:
        store.sweep()
    shutil.rmtree(cards, ignore_errors=True)
    if made is None:
        return ""
    names = ", ".join(f"{p.name} {p.current.version}" for p in made.packages.values()) or "none"
    return (
        f"The damaged list of packages was made again; it has: {names}. The newest installation "
        "of each is in use, and everything is switched on."
    )


def describe_again(found: Iterable[Found], cards: Path) -> None:
    """Forget what is kept of the descriptions of these models; they are asked when next loaded."""
    kept = CardStore(cards)
    for item in found:
        kept.forget(key_of(item, str(launch_of(item).python)))
