"""The catalogue of models for this process: what is installed, allowed and switched on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from importlib.metadata import Distribution
from typing import TYPE_CHECKING

from medview.config.paths import Folders, find_folders
from medview.core.errors import MedviewError
from medview.host.catalogue import Catalogue
from medview.host.discovery import Found, discover
from medview.host.loader import Broken, Loaded
from medview.host.packages.found import found_packages
from medview.host.packages.store import PackageStore
from medview.host.packages.using import keeping
from medview.host.trace import TraceFn
from medview.worker.supervise.isolation import Isolation

if TYPE_CHECKING:
    from collections.abc import Iterable

_SAFE_MODE = "Started with --safe-mode, which leaves out every model."
_NAMED_ONLY = "This session uses only the models that MEDVIEW_MODELS names."

_log = logging.getLogger("medview.plugins")


class LiveCatalogue(Catalogue):
    """The catalogue of this process, which can look again at what is installed.

    Parameters
    ----------
    find : callable
        Finds all models, and what the index of installed packages switches off.
    isolation : Isolation
        Runs third-party models.
    load : callable
        Loads a third-party model with it.
    disabled, only, trace, left_out
        As `Catalogue` takes them; `disabled` is what the settings switch off.
    """

    def __init__(
        self,
        find: Callable[[], tuple[tuple[Found, ...], frozenset[str]]],
        isolation: Isolation,
        load: Callable[[Found], Loaded | Broken],
        *,
        disabled: frozenset[str],
        only: frozenset[str] | None,
        trace: TraceFn | None,
        left_out: str,
    ) -> None:
        self._find = find
        self._isolation = isolation
        found, off = find()
        super().__init__(
            found,
            disabled=disabled | off,
            only=only,
            trace=trace,
            isolate=load,
            close=isolation.close,
            left_out=left_out,
        )

    def look_again(
        self,
        *,
        disabled: frozenset[str],
        network: frozenset[str] = frozenset(),
        afresh: Collection[str] = (),
    ) -> None:
        """Find what was installed, removed or switched meanwhile; on any thread, imports nothing.

        Parameters
        ----------
        disabled : frozenset of str
            What the settings switch off now.
        network : frozenset of str
            Models that may use the network, by `Found.full_name`.
        afresh : collection of str
            As `Catalogue.update` takes it.
        """
        found, off = self._find()
        changed = network ^ self._isolation.network
        self._isolation.network = network
        self.update(found, disabled=disabled | off, afresh={*afresh, *changed})


def open_catalogue(
    environ: Mapping[str, str],
    *,
    disabled: frozenset[str] = frozenset(),
    safe_mode: bool = False,
    allow: frozenset[str] | None = None,
    installed: Iterable[Distribution] | None = None,
    trace: TraceFn = _log.info,
    isolation: Isolation | None = None,
    network: frozenset[str] = frozenset(),
) -> LiveCatalogue:
    """All models of this environment; imports none of them.

    Parameters
    ----------
    environ : mapping of str to str
        ``MEDVIEW_MODELS=a,b`` leaves out all others (empty leaves out all);
        ``MEDVIEW_TRACE_PLUGINS=1`` tells every hook call to `trace`.
    disabled : frozenset of str
        Ids or distributions that the settings switch off, besides those that the index of
        installed packages names.
    safe_mode : bool
        Leave out every model.
    allow, installed
        As `medview.host.discovery.discover` takes them.
    trace : callable
        Receives a line for every hook call; the log by default.
    isolation : Isolation, optional
        Runs third-party models in processes of their own; by default under
        this person's folders. Its workers end with `Catalogue.close` or this process.
    network : frozenset of str
        Models that may use the network, where `isolation` is not given.
    """
    only: frozenset[str] | None = None
    named = environ.get("MEDVIEW_MODELS")
    if named is not None:
        only = frozenset(name.strip() for name in named.split(",") if name.strip())
    if safe_mode:
        only = frozenset()
    folders = find_folders(environ)
    here = None if installed is None else tuple(installed)

    store = PackageStore(folders.models)
    isolation = isolation or open_isolation(folders, network=network)

    def find() -> tuple[tuple[Found, ...], frozenset[str]]:
        packages, off = _packages(store)
        return discover(allow, installed=here, can_isolate=True, packages=packages), off

    return LiveCatalogue(
        find,
        isolation,
        keeping(isolation.load, store),
        disabled=disabled,
        only=only,
        trace=trace if environ.get("MEDVIEW_TRACE_PLUGINS") == "1" else None,
        left_out=_SAFE_MODE if safe_mode else _NAMED_ONLY,
    )


def open_isolation(folders: Folders, network: frozenset[str] = frozenset()) -> Isolation:
    """What runs third-party models in processes of their own, for this person."""
    return Isolation(folders.index / "cards", network=network, weights=folders.weights)


def _packages(store: PackageStore) -> tuple[tuple[Found, ...], frozenset[str]]:
    try:
        index = store.index()
    except MedviewError as error:
        # No model can stop the start; `medview plugins list` says the same with an exit code.
        _log.error("%s", error.message)
        return (), frozenset()
    return found_packages(store, index), index.disabled
