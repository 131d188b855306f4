"""`Observable`: one frozen state record with one signal, the only way state changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Generic, TypeVar

from psygnal import Signal

S = TypeVar("S")


class Observable(Generic[S]):
    """Holds a frozen dataclass and tells when it is replaced.

    Slots run in the thread that calls `update`; so workers never call it.
    """

    changed = Signal(object, object)
    """Emitted as (new state, old state) after a change; not emitted for equal states."""

    def __init__(self, state: S) -> None:
        self._state = state

    @property
    def state(self) -> S:
        """The current state; immutable."""
        return self._state

    def set(self, state: S) -> None:
        """Replace the whole state."""
        old = self._state
        if state != old:
            self._state = state
            self.changed.emit(state, old)

    def update(self, **fields: Any) -> None:
        """Replace some fields of the state."""
        self.set(replace(self._state, **fields))  # type: ignore[type-var]
