"""The catalogue of models for this process: what is installed, allowed and switched on."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from importlib.metadata import Distribution
from typing import TYPE_CHECKING

from medview.config.paths import Folders, find_folders
from medview.core.errors import MedviewError
from medview.host.catalogue import Catalogue
from medview.host.discovery import Found, discover
from medview.host.packages.found import found_packages
from medview.host.packages.store import PackageStore
from medview.host.trace import TraceFn
from medview.worker.supervise.isolation import Isolation

if TYPE_CHECKING:
    from collections.abc import Iterable

_log = logging.getLogger("medview.plugins")


def open_catalogue(
    environ: Mapping[str, str],
    *,
    disabled: frozenset[str] = frozenset(),
    safe_mode: bool = False,
    allow: frozenset[str] | None = None,
    installed: Iterable[Distribution] | None = None,
    trace: TraceFn = _log.info,
    isolation: Isolation | None = None,
) -> Catalogue:
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
    """
    only: frozenset[str] | None = None
    named = environ.get("MEDVIEW_MODELS")
    if named is not None:
        only = frozenset(name.strip() for name in named.split(",") if name.strip())
    if safe_mode:
        only = frozenset()
    tracing = trace if environ.get("MEDVIEW_TRACE_PLUGINS") == "1" else None
    folders = find_folders(environ)
    packages, off = _packages(folders)
    found = discover(allow, installed=installed, can_isolate=True, packages=packages)
    apart = isolation or open_isolation(folders)
    return Catalogue(
        found,
        disabled=disabled | off,
        only=only,
        trace=tracing,
        isolate=apart.load,
        close=apart.close,
    )


def open_isolation(folders: Folders) -> Isolation:
    """What runs third-party models in processes of their own, for this person."""
    return Isolation(folders.index / "cards")


def _packages(folders: Folders) -> tuple[tuple[Found, ...], frozenset[str]]:
    store = PackageStore(folders.models)
    try:
        index = store.index()
    except MedviewError as error:
        # No model can stop the start; `medview plugins list` says the same with an exit code.
        _log.error("%s", error.message)
        return (), frozenset()
    return found_packages(store, index), index.disabled
