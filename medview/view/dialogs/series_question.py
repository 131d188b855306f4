"""`SeriesQuestion`: a bar above the views that asks one thing about the open series; never modal.

Signals
-------
answered(str answer id): once; the bar is to be taken away then
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from medview.view.icons import icon
from medview.view.parts import button, icon_button, label


class SeriesQuestion(QFrame):
    """E.g. "Are these values Hounsfield units?" with Yes and No.

    Parameters
    ----------
    text : str
    answers : tuple of (id, words)
    dismiss_id : str
        Answer that the close button stands for.
    """

    answered = Signal(str)

    def __init__(
        self,
        text: str,
        answers: tuple[tuple[str, str], ...],
        dismiss_id: str = "later",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("question")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(text)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        picture = QLabel()
        picture.setPixmap(icon("help").pixmap(20, 20))
        row.addWidget(picture)
        row.addWidget(label(text, wrap=True), 1)
        self.buttons: dict[str, QPushButton] = {}
        self._done = False
        for id_, words in answers:
            self.buttons[id_] = button(words, lambda chosen=id_: self._answer(chosen))  # type: ignore[misc]
            row.addWidget(self.buttons[id_])
        row.addWidget(icon_button("close", "Decide later", lambda: self._answer(dismiss_id)))

    def _answer(self, answer: str) -> None:
        if not self._done:
            self._done = True
            self.answered.emit(answer)
