"""`PackageActs`: switch, upgrade, roll back and remove packages, and let models use the network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from medview.app.background import Background
from medview.app.controllers.last_failures import LastFailures
from medview.app.controllers.packages import manage
from medview.app.controllers.packages.network import (
    network_uses,
    with_consent,
    without_consents_of,
)
from medview.app.controllers.window.notices import Notices
from medview.app.controllers.window.preferences import Preferences
from medview.app.controllers.window_packages.offering import Offering
from medview.app.controllers.window_packages.shelf import Shelf
from medview.app.wording import moment
from medview.host.discovery import whole
from medview.host.handle import ModelHandle
from medview.host.packages.records import Index, Package
from medview.host.packages.sources import index_source
from medview.host.packages.store import Removed
from medview.view.panels.model_rows import PackageAct

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class _Removal:
    """A package that was removed, what it is called, and its models that may use the network."""

    what: Removed
    title: str
    allowed: frozenset[str]


class PackageActs:
    """Everything that the menu of a model does; each act is done by a worker, then told.

    Parameters
    ----------
    shelf : Shelf
    offering : Offering
    preferences : Preferences
    background : Background
    notices : Notices
    failures : LastFailures
        Those of a removed package are forgotten.
    changed : callable
        Told when something was done.
    is_busy : callable
        Whether a model is running.
    examine : callable
        Opens the doctor.
    """

    def __init__(
        self,
        shelf: Shelf,
        offering: Offering,
        preferences: Preferences,
        background: Background,
        notices: Notices,
        failures: LastFailures,
        *,
        changed: Callable[[], None],
        is_busy: Callable[[str], bool],
        examine: Callable[[], None],
    ) -> None:
        self._shelf = shelf
        self._offering = offering
        self._preferences = preferences
        self._background = background
        self._notices = notices
        self._failures = failures
        self._changed = changed
        self._is_busy = is_busy
        self._examine = examine
        self._removed: _Removal | None = None
        self.on_removal: Callable[[], None] = lambda: None

    @property
    def removed_title(self) -> str:
        """What was removed last and can be put back; empty for nothing."""
        return self._removed.title if self._removed is not None else ""

    def undo_removal(self) -> None:
        """Put back what was removed last."""
        if self._removed is not None:
            self._put_back(self._removed)

    def do(self, act: PackageAct, handle: ModelHandle) -> None:
        """Do one of the acts with a model, or with the package that brings it."""
        package = self._shelf.stock.package_of(handle.found)
        if act in ("enable", "disable"):
            self._switch(handle, on=act == "enable")
        elif act == "examine":
            self._examine()
        elif package is None:
            return
        elif act == "upgrade":
            self._upgrade(package)
        elif self._none_runs(package):
            if act == "remove":
                self._remove(package, handle)
            else:
                self._roll_back(package)

    def set_network(self, handle: ModelHandle, allowed: bool) -> None:
        """Let a model use the network from its next run on, or no more."""
        uses = network_uses([handle], self._preferences.settings)
        self._preferences.take(with_consent(self._preferences.settings, uses, agreed=allowed))
        words = "may use the network now" if allowed else "runs without network again"
        self._work(lambda: None, lambda _: self._notices.tell(f"{handle.title} {words}."))

    def close(self) -> None:
        """Give up what was removed, when the window closes."""
        if self._removed is not None:
            self._shelf.store.let_go(self._removed.what)
            self._removed = None

    # ---- acts ------------------------------------------------------------------------

    def _switch(self, handle: ModelHandle, *, on: bool) -> None:
        found = handle.found
        siblings = {
            other.found.full_name for other in self._shelf.catalogue.models
            if other.distribution == handle.distribution
        }  # fmt: skip
        title = handle.title

        def change(index: Index) -> Index:
            if not on:
                return index.switched(frozenset({found.full_name}), on=False)
            if {whole(found.distribution), found.distribution} & index.disabled:
                # The others of a package that was switched off as a whole stay off.
                index = index.switched(frozenset(siblings), on=False)
            return index.switched(found.switches, on=True)

        def tell(_: object) -> None:
            if on:
                self._forget_switches(handle)
                self._notices.done(f"{title} is enabled.")
            else:
                self._notices.tell(
                    f"{title} is disabled.",
                    action="Undo",
                    on_action=lambda: self._switch(handle, on=True),
                )

        self._work(lambda: self._shelf.store.change(change), tell)

    def _forget_switches(self, handle: ModelHandle) -> None:
        """Take out of the settings what switches a model off there."""
        models = self._preferences.settings.models
        kept = tuple(name for name in models.disabled if name not in handle.found.switches)
        if kept != models.disabled:
            models = replace(models, disabled=kept)
            self._preferences.take(replace(self._preferences.settings, models=models))
            self._work(lambda: None, lambda _: None)

    def _upgrade(self, package: Package) -> None:
        if package.current.source == "index":
            self._offering.look(index_source(package.name))
        else:
            self._offering.ask(package.name)

    def _roll_back(self, package: Package) -> None:
        store = self._shelf.store
        self._work(
            lambda: manage.roll_back(store, package),
            # Of one version there may be several installations.
            lambda now: self._notices.done(
                f"{now.distribution} {now.version} of {moment(now.installed)} is in use again."
            ),
        )

    def _remove(self, package: Package, handle: ModelHandle) -> None:
        store, earlier = self._shelf.store, self._removed
        self._keep(None)
        title = handle.title if len(package.current.models) == 1 else package.name
        before = self._preferences.settings
        without = without_consents_of(before, package.name)
        allowed = frozenset(before.models.network) - frozenset(without.models.network)

        def remove() -> Removed:
            removed = store.set_aside(package.name)
            manage.forget_failures(self._failures, package, self._shelf.installed())
            if earlier is not None:
                store.let_go(earlier.what)
            return removed

        def tell(removed: Removed) -> None:
            removal = _Removal(removed, title, allowed)
            self._keep(removal)
            self._preferences.take(without_consents_of(self._preferences.settings, package.name))
            self._notices.tell(
                f"{title} {package.current.version} was removed.",
                action="Undo",
                on_action=lambda: self._put_back(removal),
            )

        self._work(remove, tell)

    def _keep(self, removal: _Removal | None) -> None:
        self._removed = removal
        self.on_removal()

    def _put_back(self, removal: _Removal) -> None:
        if self._removed is removal:
            self._keep(None)

        def tell(_: object) -> None:
            self._notices.done(f"{removal.title} is there again.")
            if removal.allowed:
                # Only now: what has its place instead was never agreed to.
                settings = self._preferences.settings
                names = tuple(sorted(removal.allowed.union(settings.models.network)))
                models = replace(settings.models, network=names)
                self._preferences.take(replace(settings, models=models))
                self._work(lambda: None, lambda _: None)

        self._work(lambda: self._shelf.store.put_back(removal.what), tell)

    # ---- how -------------------------------------------------------------------------

    def _none_runs(self, package: Package) -> bool:
        for model in package.current.models:
            if self._is_busy(model.id):
                self._notices.tell(f"'{model.id}' is running. Wait for its end, or cancel it.")
                return False
        return True

    def _work(self, work: Callable[[], T], tell: Callable[[T], None]) -> None:
        def on_worker(_task: object) -> T:
            result = work()
            self._shelf.read()
            return result

        def done(result: T) -> None:
            tell(result)
            self._changed()

        def failed(error: Exception) -> None:
            self._notices.failed("Changing the installed models", error)
            self._changed()

        self._background.start("shelf", on_worker, done=done, failed=failed)
