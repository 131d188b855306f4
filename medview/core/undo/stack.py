"""`UndoStack`: commands done, undone and redone, within a memory budget."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from psygnal import Signal


class Command(Protocol):
    """One reversible act of the reader.

    Attributes
    ----------
    text : str
        What the Undo entry says, e.g. ``"Remove lung segmentation"``.
    size_bytes : int
        Memory that keeping it reversible costs.
    """

    @property
    def text(self) -> str:
        """What the Undo entry says."""

    @property
    def size_bytes(self) -> int:
        """Memory it keeps alive."""

    def do(self) -> None:
        """Do it, or do it again."""

    def undo(self) -> None:
        """Take it back."""


class UndoStack:
    """The history of one window.

    Parameters
    ----------
    budget_bytes : int
        Oldest commands are forgotten above it; the newest is always kept.
    """

    changed = Signal()

    def __init__(self, budget_bytes: int = 512 << 20) -> None:
        self._budget = budget_bytes
        self._done: deque[Command] = deque()
        self._undone: list[Command] = []

    @property
    def newest(self) -> Command | None:
        """What `undo` would take back."""
        return self._done[-1] if self._done else None

    @property
    def undo_text(self) -> str | None:
        """What `undo` would take back; None when there is nothing."""
        return self._done[-1].text if self._done else None

    @property
    def redo_text(self) -> str | None:
        """What `redo` would do again; None when there is nothing."""
        return self._undone[-1].text if self._undone else None

    def push(self, command: Command) -> None:
        """Do a command and remember it; what was undone before can no longer be redone."""
        command.do()
        self._done.append(command)
        self._undone.clear()
        while len(self._done) > 1 and sum(c.size_bytes for c in self._done) > self._budget:
            self._done.popleft()
        self.changed.emit()

    def undo(self) -> None:
        """Take back the newest command; nothing happens when there is none."""
        if self._done:
            command = self._done.pop()
            command.undo()
            self._undone.append(command)
            self.changed.emit()

    def redo(self) -> None:
        """Do again what was undone last; nothing happens when there is none."""
        if self._undone:
            command = self._undone.pop()
            command.do()
            self._done.append(command)
            self.changed.emit()

    def forget(self, concerned: Callable[[Command], bool]) -> None:
        """Forget what concerns something that is gone for good."""
        self._done = deque(c for c in self._done if not concerned(c))
        self._undone = [c for c in self._undone if not concerned(c)]
        self.changed.emit()

    def clear(self) -> None:
        """Forget everything."""
        self._done.clear()
        self._undone.clear()
        self.changed.emit()
