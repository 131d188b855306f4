"""`Catalogue`: all models that were found, each with its state; none can stop the start."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable
from functools import partial

from medview.core.errors import UsageError
from medview.host.discovery import Found, normalised
from medview.host.handle import ModelHandle
from medview.host.loader import Broken, Loaded, load
from medview.host.trace import TraceFn


class Catalogue:
    """The models by id. Building it imports nothing.

    Parameters
    ----------
    found : iterable of Found
        As `medview.host.discovery.discover` returns them.
    disabled : frozenset of str
        What the user switched off: ids or distributions, or bound as in `Found.switches`.
    only : frozenset of str, optional
        Where given, every other id or distribution is disabled; empty disables all.
    trace : callable, optional
        Receives a line for every hook call.
    isolate : callable, optional
        Loads a model that may run in a process of its own only.
    close : callable
        Ends such processes.
    left_out : str
        Why what `only` does not name is disabled.
    """

    def __init__(
        self,
        found: Iterable[Found],
        *,
        disabled: frozenset[str] = frozenset(),
        only: frozenset[str] | None = None,
        trace: TraceFn | None = None,
        isolate: Callable[[Found], Loaded | Broken] | None = None,
        close: Callable[[], None] = lambda: None,
        left_out: str = "It is left out of this session.",
    ) -> None:
        self._close = close
        self._here = partial(load, trace=trace)
        self._isolate = isolate or _refused
        self._only = only
        self._left_out = left_out
        self._models: tuple[ModelHandle, ...] = ()
        self._by_id: dict[str, ModelHandle] = {}
        self.update(found, disabled=disabled)

    @property
    def models(self) -> tuple[ModelHandle, ...]:
        """Every model that was found, in the order of discovery (by id)."""
        return self._models

    @property
    def restriction(self) -> str:
        """Why models are left out of this session; empty where all may be used."""
        return self._left_out if self._only is not None else ""

    @property
    def unknown(self) -> tuple[str, ...]:
        """What `only` names and nothing that is installed bears, as id or distribution."""
        known = {name for handle in self._models for name in (handle.id, handle.distribution)}
        return tuple(sorted((self._only or frozenset()) - known))

    def update(
        self,
        found: Iterable[Found],
        *,
        disabled: frozenset[str] = frozenset(),
        afresh: Collection[str] = (),
    ) -> None:
        """Take in what was installed, removed or switched meanwhile; imports nothing.

        The handle of a model that is the same as before stays, loaded as it is. May be called
        from a worker thread; whoever reads meanwhile sees the models of before.

        Parameters
        ----------
        found : iterable of Found
        disabled : frozenset of str
        afresh : collection of str
            Models, by `Found.full_name`, that are to be loaded again all the same.
        """
        kept = {
            (handle.found, handle.switched_off): handle
            for handle in self._models
            if handle.found.full_name not in afresh
        }
        models = []
        for item in found:
            off = _why_disabled(item, disabled, self._only, self._left_out)
            handle = kept.get((item, off))
            if handle is None:
                handle = ModelHandle(item, self._isolate if item.isolated else self._here, off)
            models.append(handle)
        by_id: dict[str, ModelHandle] = {}
        for handle in models:
            by_id.setdefault(handle.id, handle)
        self._by_id, self._models = by_id, tuple(models)

    def close(self) -> None:
        """End what runs for these models outside this process; idempotent."""
        self._close()

    def handle(self, model_id: str) -> ModelHandle:
        """The model of that id; the usable one where two distributions bring it.

        Raises
        ------
        UsageError
            If there is none.
        """
        handle = self._by_id.get(model_id)
        if handle is not None:
            return handle
        known = sorted(self._by_id)
        near = difflib.get_close_matches(model_id, known, 1)
        hint = f"Did you mean '{near[0]}'?" if near else f"Installed: {', '.join(known) or 'none'}."
        raise UsageError(f"There is no model '{model_id}'. {hint}", code="unknown-model")


def _refused(found: Found) -> Broken:
    reason = "It needs isolation, and this catalogue was made without."
    return Broken(reason, f"{found.id} from {found.distribution} {found.version}: {reason}")


def _why_disabled(
    found: Found, disabled: frozenset[str], only: frozenset[str] | None, left_out: str
) -> str:
    if found.switches & disabled or found.distribution in {normalised(n) for n in disabled}:
        return "It was switched off."
    names = {found.id, found.distribution}
    if only is not None and not names & only:
        return left_out
    return ""
