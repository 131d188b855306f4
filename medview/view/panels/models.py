"""`ModelsPanel`: every installed model, what fits first, and how more of them are installed.

Signals
-------
run_requested(str model id, dict values): Run, or Run anyway where the fit is doubtful
cancel_requested(str model id)
package_act_requested(str act, str model id): an act of `PackageAct` on the model's package
network_chosen(str model id, bool): whether a model that asks for the network may use it
install_requested(), doctor_requested(), install_cancel_requested()
paths_dropped(tuple[Path, ...])

Setters
-------
set_models(tuple[ModelRow, ...]): in the order to show them
run(str model id): as a press of its Run does
set_notice(str): above the models; empty for none
set_foot(str, tip): what holds for all of them, and how; empty for none
set_installing(str), set_install_progress(fraction or None, stage), set_install_cancelling()
"""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from medview.view.drop_hint import DropHint
from medview.view.panels.install_strip import InstallStrip
from medview.view.panels.model_card import ModelCardView, matches
from medview.view.panels.model_rows import ModelRow
from medview.view.panels.steady_list import SteadyList
from medview.view.parts import ElidedLabel, button, icon_label, label, scroll_column

_FILTER_FROM = 6
_AT_ONCE = 8


class ModelsPanel(QWidget):
    """Cards, one per model; a filter where there are many."""

    run_requested = Signal(str, object)
    cancel_requested = Signal(str)
    package_act_requested = Signal(str, str)
    network_chosen = Signal(str, bool)
    install_requested = Signal()
    doctor_requested = Signal()
    install_cancel_requested = Signal()
    paths_dropped = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.install_strip = InstallStrip()
        self.install_strip.cancel_requested.connect(self.install_cancel_requested)
        outer.addWidget(self.install_strip)
        self._notice = label("", wrap=True)
        self._notice_box = self._make_notice()
        outer.addWidget(self._notice_box)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter models")
        self.filter.setAccessibleName("Filter models")
        self.filter.setClearButtonEnabled(True)
        # A path dropped here is meant for the panel.
        self.filter.setAcceptDrops(False)
        self.filter.textChanged.connect(self._show_matching)
        self._filter_box = QWidget()
        row = QVBoxLayout(self._filter_box)
        row.setContentsMargins(8, 8, 8, 0)
        row.addWidget(self.filter)
        outer.addWidget(self._filter_box)
        self._area, self._column = scroll_column(self)
        outer.addWidget(self._area, 1)
        self.steady = SteadyList(self._area)
        self.steady.left.connect(self._make_missing)
        self._nothing = label(
            "No models are installed. Install one below, or drop a wheel, a zip or a folder here.",
            "muted",
            wrap=True,
        )
        self._column.addWidget(self._nothing)
        self._no_match = label("", "muted", wrap=True)
        self._column.addWidget(self._no_match)
        outer.addWidget(self._make_foot())
        self._drop = DropHint(self, "Drop here to install")
        self._drop.dropped.connect(self.paths_dropped)
        self.cards: dict[str, ModelCardView] = {}
        self._rows: dict[str, ModelRow] = {}
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._make_missing)
        self._unfolded = ""
        self._revealing = QTimer(self, singleShot=True, interval=0)
        self._revealing.timeout.connect(self._reveal)
        self.set_models(())
        self.set_notice("")
        self.set_foot("")

    def set_models(self, rows: tuple[ModelRow, ...]) -> None:
        """Show these models; cards that stay keep their open form and values."""
        wanted = {row.id for row in rows}
        for id_ in [known for known in self.cards if known not in wanted]:
            gone = self.cards.pop(id_)
            self.steady.forget(gone)
            gone.hide()
            gone.deleteLater()
        for row in rows:
            if row.id in self.cards:
                self.cards[row.id].set_row(row)
        self._rows = {row.id: row for row in rows}
        self._nothing.setVisible(not rows)
        self._filter_box.setVisible(len(rows) >= _FILTER_FROM)
        self._make_missing()

    def run(self, model_id: str) -> None:
        """Ask for a run of a model with the parameters on its card."""
        if model_id in self.cards:
            self.cards[model_id].run()
        else:
            # Its card waits for a turn of the event loop, so nothing was typed into it.
            self.run_requested.emit(model_id, {})

    def set_notice(self, text: str) -> None:
        """Say what holds for this session, such as the safe mode."""
        self._notice.setText(text)
        self._notice_box.setVisible(bool(text))

    @property
    def notice(self) -> str:
        """What is said above the models."""
        return self._notice.text()

    def set_foot(self, text: str, tip: str = "") -> None:
        """Say what holds for all models, such as that they have no network."""
        self._foot.setText(text)
        self._foot.setToolTip(tip or text)
        self._foot.setVisible(bool(text))

    @property
    def foot(self) -> str:
        """What is said below the models."""
        return self._foot.text()

    def set_installing(self, title: str) -> None:
        """Show an installation that goes on; empty for none."""
        self.install_strip.set_title(title)

    def set_install_progress(self, fraction: float | None, stage: str) -> None:
        """Show how far the installation is."""
        self.install_strip.set_progress(fraction, stage)

    def set_install_cancelling(self) -> None:
        """Show that the installation was asked to stop."""
        self.install_strip.set_cancelling()

    def _make_notice(self) -> QWidget:
        box = QWidget()
        outer = QVBoxLayout(box)
        outer.setContentsMargins(8, 8, 8, 0)
        frame = QFrame()
        frame.setObjectName("notice")
        row = QHBoxLayout(frame)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(8)
        row.addWidget(icon_label("doubt"))
        row.addWidget(self._notice, 1)
        outer.addWidget(frame)
        return box

    def _make_foot(self) -> QWidget:
        frame = QFrame()
        frame.setObjectName("panelFoot")
        column = QVBoxLayout(frame)
        column.setContentsMargins(8, 6, 8, 8)
        column.setSpacing(6)
        self._foot = ElidedLabel("", "muted")
        column.addWidget(self._foot)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.install_button = button(
            "Install\N{HORIZONTAL ELLIPSIS}", self._on_install, icon_name="install"
        )
        self.install_button.setAccessibleName("Install a model")
        self.doctor_button = button("Doctor", self._on_doctor, icon_name="doctor")
        self.doctor_button.setToolTip("Examines the installed models")
        self.doctor_button.setAccessibleName("Doctor: examine the installed models")
        row.addWidget(self.install_button)
        row.addWidget(self.doctor_button)
        row.addStretch()
        column.addLayout(row)
        return frame

    def _on_install(self) -> None:
        self.install_requested.emit()

    def _on_doctor(self) -> None:
        self.doctor_requested.emit()

    def _make_card(self, row: ModelRow) -> ModelCardView:
        made = ModelCardView(row)
        made.run_requested.connect(self.run_requested)
        made.cancel_requested.connect(self.cancel_requested)
        made.package_act_requested.connect(self.package_act_requested)
        made.network_chosen.connect(self.network_chosen)
        made.unfolded.connect(self._on_unfolded)
        return made

    def _on_unfolded(self, model_id: str) -> None:
        # The scroll bar learns of the new height after the card.
        self._unfolded = model_id
        self._revealing.start()

    def _reveal(self) -> None:
        card = self.cards.get(self._unfolded)
        if card is None:
            return
        # What was opened may lie below the edge, and then nothing seems to have happened.
        bar, margins = self._area.verticalScrollBar(), self._column.contentsMargins()
        height = self._area.viewport().height()
        bottom = card.geometry().bottom() + 1 + margins.bottom()
        if bottom > bar.value() + height:
            bar.setValue(min(card.y() - margins.top(), bottom - height))

    def _make_missing(self) -> None:
        # A few in each turn of the event loop: fifty would keep the reader waiting.
        missing = [row for row in self._rows.values() if row.id not in self.cards]
        is_read = bool(self.cards)
        for row in missing[:_AT_ONCE]:
            self.cards[row.id] = made = self._make_card(row)
            self.steady.watch(made, among_others=is_read)
        self._order(self.steady.order([id_ for id_ in self._rows if id_ in self.cards]))
        self._show_matching(self.filter.text())
        if len(missing) > _AT_ONCE:
            self._later.start()

    def _order(self, ids: list[str]) -> None:
        for at, id_ in enumerate(ids):
            # Taken out and put in only where it moved, so that a form being typed into keeps focus.
            if self._column.indexOf(self.cards[id_]) != at:
                self._column.insertWidget(at, self.cards[id_])

    def _show_matching(self, query: str) -> None:
        shown = 0
        for id_, card in self.cards.items():
            is_match = matches(self._rows[id_], query)
            card.setVisible(is_match)
            shown += is_match
        self._no_match.setText(f"No model matches '{query.strip()}'.")
        self._no_match.setVisible(bool(self._rows) and bool(query.strip()) and not shown)
