"""Keep the directory of an installed package while a model of it is called, also if it is removed.

Code that was changed since is not called. A model may import a part of itself late in a run, so
the files must outlast it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from medview.core.data.source import SourceInfo
from medview.core.runctx import RunContext
from medview.host.discovery import Found
from medview.host.loader import Broken, Hooks, Loaded
from medview.host.packages.errors import PackageError
from medview.host.packages.store import PackageStore
from medview.host.packages.verify import require_unchanged_code


class KeptHooks:
    """Hooks of an installed model; what it needs is kept while one of them is called.

    Parameters
    ----------
    hooks : Hooks
    keep : callable
        Gives a block during which the directory stays; raises `PackageError` where it is gone.
    require : callable
        Raises `PackageError` where the code is not what was installed; asked before each run.
    """

    def __init__(
        self,
        hooks: Hooks,
        keep: Callable[[], AbstractContextManager[None]],
        require: Callable[[], None],
    ) -> None:
        self._hooks = hooks
        self._keep = keep
        self._require = require

    @property
    def isolation(self) -> str:
        """In what it runs."""
        return self._hooks.isolation

    def describe(self) -> Any:
        """What the model says of itself."""
        with self._keep():
            return self._hooks.describe()

    def applicable(self, source: SourceInfo) -> Any:
        """What the model says to a description."""
        with self._keep():
            return self._hooks.applicable(source)

    def run(self, source: Any, params: Any, ctx: RunContext) -> Any:
        """Findings of a run."""
        with self._keep():
            self._require()
            return self._hooks.run(source, params, ctx)


def keeping(
    load: Callable[[Found], Loaded | Broken], store: PackageStore
) -> Callable[[Found], Loaded | Broken]:
    """The same way to load models, with the directories of installed ones kept while it counts.

    Parameters
    ----------
    load : callable
        Loads a model in a process of its own.
    store : PackageStore
        Where packages are installed.
    """

    def kept(found: Found) -> Loaded | Broken:
        if not found.site:
            return load(found)
        generation = Path(found.site).parent.name
        try:
            with store.in_use(generation):
                require_unchanged_code(store, found)
                loaded = load(found)
        except PackageError as error:
            return Broken(error.message, error.message)
        if isinstance(loaded, Broken):
            return loaded
        hooks = KeptHooks(
            loaded.plugin,
            lambda: store.in_use(generation),
            lambda: require_unchanged_code(store, found),
        )
        return replace(loaded, plugin=hooks)

    return kept
