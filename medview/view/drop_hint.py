"""`DropHint`: takes files that are dropped on a panel, and says so while they hover.

Signals
-------
dropped(tuple[Path, ...])
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from medview.view.parts import label, restyle


class DropHint(QFrame):
    """Lies over `target`, hidden, and is shown while something hovers over it.

    Parameters
    ----------
    target : QWidget
        Accepts drops from now on.
    words : str
    """

    dropped = Signal(object)

    def __init__(self, target: QWidget, words: str) -> None:
        super().__init__(target)
        self.setObjectName("dropZone")
        self.setProperty("hot", True)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column = QVBoxLayout(self)
        text = label(words, "title", wrap=True)
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(text)
        restyle(self)
        self._target = target
        target.setAcceptDrops(True)
        target.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Welcome files, and tell them when they are dropped."""
        if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop:
            self.hide()
            paths = dropped_paths(event)
            if paths:
                event.acceptProposedAction()
                self.dropped.emit(paths)
                return True
        elif isinstance(event, QDragEnterEvent) and dropped_paths(event):
            event.acceptProposedAction()
            self.setGeometry(self._target.rect().adjusted(4, 4, -4, -4))
            self.show()
            self.raise_()
            return True
        elif event.type() == QEvent.Type.DragLeave:
            self.hide()
        return super().eventFilter(watched, event)


def dropped_paths(event: QDropEvent) -> tuple[Path, ...]:
    """Local files and folders in a drop; empty for anything else."""
    data = event.mimeData()
    if not data.hasUrls():
        return ()
    return tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())
