"""`Shelf`: the installed packages as of now, with the catalogue kept in step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from medview.app.controllers.models import LiveCatalogue
from medview.app.controllers.packages.manage import Installed, installed_packages
from medview.config.schema import Settings
from medview.core.errors import MedviewError
from medview.host.discovery import Found
from medview.host.handle import ModelHandle
from medview.host.packages.records import Index, Package
from medview.host.packages.store import PackageStore


@dataclass(frozen=True, slots=True)
class Stock:
    """What is installed in directories of its own.

    Attributes
    ----------
    packages : mapping of str to Package
        By name.
    disabled : frozenset of str
        Models and packages that were switched off, as `Found.switches` names them.
    problem : str
        Why the index cannot be read; empty where it can.
    """

    packages: Mapping[str, Package] = field(default_factory=dict)
    disabled: frozenset[str] = frozenset()
    problem: str = ""

    def package_of(self, found: Found) -> Package | None:
        """The package in a directory of its own that brings a model; None where none does."""
        return self.packages.get(found.distribution) if found.site else None


class Shelf:
    """Reads the index of packages, and has the catalogue follow it.

    Parameters
    ----------
    catalogue : LiveCatalogue
    store : PackageStore
    settings : callable
        The settings of the moment; called on workers too.
    stored_title : callable
        What a model that is left out calls itself, without loading it; called on a worker.
    """

    def __init__(
        self,
        catalogue: LiveCatalogue,
        store: PackageStore,
        settings: Callable[[], Settings],
        stored_title: Callable[[Found], str],
    ) -> None:
        self.catalogue = catalogue
        self.store = store
        self._settings = settings
        self._stored_title = stored_title
        self._stored: dict[Found, str] = {}
        self.stock = Stock()

    def read(self, afresh: Collection[str] = ()) -> None:
        """Look again at what is installed; on a worker.

        Parameters
        ----------
        afresh : collection of str
            Models to load again even if nothing changed, by `Found.full_name`.
        """
        chosen = self._settings().models
        self.catalogue.look_again(
            disabled=frozenset(chosen.disabled), network=frozenset(chosen.network), afresh=afresh
        )
        for handle in self.catalogue.models:
            # Mostly from what is kept of an earlier description; so a card never loses its words.
            if handle.found.isolated:
                handle.ensure_ready()
            if handle.state == "disabled" and handle.found not in self._stored:
                self._stored[handle.found] = self._stored_title(handle.found)
        try:
            index = self.store.index()
        except MedviewError as error:
            self.stock = Stock(disabled=frozenset(chosen.disabled), problem=error.message)
            return
        self.stock = Stock(index.packages, index.disabled | frozenset(chosen.disabled))

    def read_afresh(self) -> None:
        """Look again, and load every third-party model again; on a worker."""
        apart = {h.found.full_name for h in self.catalogue.models if h.found.isolated}
        self.read(afresh=apart)

    def installed(self) -> tuple[Installed, ...]:
        """All packages with models, of the application and in directories of their own."""
        index = Index(self.stock.packages, self.stock.disabled)
        found = [handle.found for handle in self.catalogue.models]
        return installed_packages(found, index, self.stock.disabled)

    def title_of(self, handle: ModelHandle) -> str:
        """What to call a model: by its card, by what is stored of that, or else by its id."""
        stored = self._stored.get(handle.found, "") if handle.card is None else ""
        return stored or handle.title

    def is_on(self, handle: ModelHandle) -> bool:
        """Whether nobody switched the model or its package off."""
        return not handle.found.switches & self.stock.disabled

    def may_use_network(self, handle: ModelHandle) -> bool:
        """Whether the reader agreed to that."""
        return handle.found.full_name in self._settings().models.network
