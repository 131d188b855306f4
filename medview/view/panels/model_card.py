"""`ModelCardView`: one model in the panel: verdict, Run, parameters, details."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from medview.view.check_box import CheckBox
from medview.view.fitting_row import FittingRow
from medview.view.forms.field import Value
from medview.view.forms.form import ParameterForm
from medview.view.icons import icon
from medview.view.panels.model_menu import ModelMenu
from medview.view.panels.model_rows import ModelRow, PackageAct
from medview.view.parts import Role, breakable, button, card, label, restyle, set_role

_STATES = {
    "found": "not loaded yet",
    "broken": "broken",
    "incompatible": "incompatible",
    "disabled": "disabled",
}
_LONGEST_REASON = 260


class ModelCardView(QWidget):
    """Shows a `ModelRow`; keeps what the reader opened or typed while the row changes."""

    run_requested = Signal(str, object)
    cancel_requested = Signal(str)
    package_act_requested = Signal(str, str)
    network_chosen = Signal(str, bool)
    unfolded = Signal(str)

    def __init__(self, row: ModelRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = row
        self._is_unfolding = False
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._frame, column = card()
        outer.addWidget(self._frame)
        self._title = label(row.title, "title", wrap=True)
        self._demo = label("Demonstration model", "demo")
        self._summary = label(row.summary, "muted", wrap=True)
        self._verdict = label("", wrap=True)
        self.failure_label = label("", "bad", wrap=True)
        # In a row of its own: beside Run it would not fit into a narrow panel.
        self.failure_button = button("Copy report", self._copy_report, kind="link")
        self.menu_button = ModelMenu(self._on_act, self._copy_report)
        self._package = label("", "muted", wrap=True)
        self.network_switch = CheckBox("May use the network")
        self.network_switch.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.network_switch.clicked.connect(
            lambda on: self.network_chosen.emit(self._row.id, bool(on))
        )
        self._network = label("", "muted", wrap=True)
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._title, 1)
        head.addWidget(self.menu_button, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        for widget in (
            self._package,
            self._demo,
            self._summary,
            self._verdict,
            self.failure_label,
        ):
            column.addWidget(widget)
        column.addWidget(self.failure_button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.network_switch)
        column.addWidget(self._network)
        self.run_button = button("Run", self.run, kind="primary", icon_name="run")
        self.cancel_button = button("Cancel", lambda: self.cancel_requested.emit(row.id))
        self.copy_button = button("Copy report", self._copy_report, icon_name="copy")
        self.enable_button = button("Enable", lambda: self._on_act("enable"), icon_name="power")
        self._form: ParameterForm | None = None
        self._fields_shown = row.fields
        self.parameters_toggle = _toggle("parameters", "Parameters", self._on_parameters)
        self.details_toggle = _toggle("details", "Details", self._on_details)
        column.addWidget(
            FittingRow(
                (self.run_button, self.cancel_button, self.copy_button, self.enable_button),
                (self.parameters_toggle, self.details_toggle),
            )
        )
        self._fold = QVBoxLayout()
        self._fold.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._fold)
        # Stands for the form while that is folded up: Run is grey for a reason that would not show.
        self.form_problem = label("", "bad", wrap=True)
        self._fold.addWidget(self.form_problem)
        self._details: QWidget | None = None
        self.set_row(row)

    def set_row(self, row: ModelRow) -> None:
        """Show another state of the same model."""
        before, self._row = self._row, row
        usable = row.state in ("found", "ready")
        self._title.setText(breakable(row.title))
        self._demo.setVisible(row.demonstration)
        self._summary.setText(breakable(row.summary))
        self._summary.setVisible(bool(row.summary))
        text, role = _verdict_words(row)
        # Why a result may be poor is never cut; why a model is broken is in its report too.
        cut = text if usable else _shortened(text)
        self._verdict.setText(breakable(cut))
        self._verdict.setToolTip(text if cut != text else "")
        self._verdict.setVisible(bool(text))
        set_role(self._verdict, role)
        failure = f"Last run: {row.failure}" if row.failure else ""
        self.failure_label.setText(breakable(_shortened(failure)))
        self.failure_label.setToolTip(failure if len(failure) > _LONGEST_REASON else "")
        shows_failure = bool(failure) and not row.running
        self.failure_label.setVisible(shows_failure)
        doubtful = row.fit == "doubtful"
        self.run_button.setText("Run anyway" if doubtful else "Run")
        self.run_button.setProperty("kind", "normal" if doubtful else "primary")
        self.run_button.setIcon(icon("run", None if doubtful else "#ffffff"))
        restyle(self.run_button)
        self.run_button.setVisible(usable and not row.running)
        self.run_button.setAccessibleName(f"{self.run_button.text()}: {row.title}")
        self.cancel_button.setVisible(row.running)
        self.failure_button.setVisible(shows_failure)
        self.copy_button.setVisible(row.state in ("broken", "incompatible") and bool(row.report))
        for each in (self.copy_button, self.failure_button):
            if row.report != before.report:
                each.setText("Copy report")
            each.setAccessibleName(f"Copy report: {row.title}")
        self._show_package(row)
        self.parameters_toggle.setVisible(bool(row.fields) and usable)
        self.details_toggle.setVisible(bool(row.facts))
        self._frame.setProperty("running", row.running)
        restyle(self._frame)
        if row.fields != self._fields_shown:
            self._drop_form()
            self._fields_shown = row.fields
        if row.facts != before.facts:
            self._drop_details()
        self._show_whether_it_can_run()

    def values(self) -> dict[str, Value]:
        """Values of the parameters; defaults where the form was never opened."""
        if self._form is not None:
            return self._form.values()
        return {field.name: field.default for field in self._row.fields}

    def _show_package(self, row: ModelRow) -> None:
        package, network = row.package, row.network
        own = package is not None and package.is_own
        if package is not None:
            words = f"{package.name} {package.version}, {package.where}"
            self._package.setText(breakable(words))
        self._package.setVisible(own)
        self.enable_button.setVisible(
            row.state == "disabled"
            and package is not None
            and package.can_switch
            and not package.is_on
        )
        self.enable_button.setAccessibleName(f"Enable: {row.title}")
        self.menu_button.set_row(row)
        for widget in (self.network_switch, self._network):
            widget.setVisible(network is not None)
        if network is not None:
            self.network_switch.setChecked(network.is_agreed)
            self.network_switch.setAccessibleName(f"May use the network: {row.title}")
            self._network.setText(network.words)

    def _on_act(self, act: PackageAct) -> None:
        self.package_act_requested.emit(act, self._row.id)

    @property
    def problem(self) -> str:
        """Why it cannot be run with what was typed, in a sentence; empty where it can."""
        return self._form.problem if self._form is not None else ""

    def _show_whether_it_can_run(self) -> None:
        problem = self.problem
        self.run_button.setEnabled(self._row.fit in ("fit", "doubtful") and not problem)
        waits = self._row.waiting if self._row.fit == "unknown" else ""
        self.run_button.setToolTip(problem or waits)
        is_folded = self._form is not None and self._form.isHidden()
        self.form_problem.setText(f"Parameters: {problem}" if problem else "")
        self.form_problem.setVisible(bool(problem) and is_folded)

    def run(self) -> None:
        """Ask for a run with what the form shows; where that is wrong, show the form instead."""
        if self.problem:
            self.parameters_toggle.setChecked(True)
        else:
            self.run_requested.emit(self._row.id, self.values())

    def _on_parameters(self, shown: bool) -> None:
        if self._form is None:
            self._form = ParameterForm(self._row.fields)
            self._form.changed.connect(lambda _values: self._show_whether_it_can_run())
            self._fold.insertWidget(0, self._form)
        self._form.setVisible(shown)
        self._show_whether_it_can_run()
        self._is_unfolding = shown

    def _on_details(self, shown: bool) -> None:
        if self._details is None:
            self._details = _facts(self._row)
            self._fold.addWidget(self._details)
        self._details.setVisible(shown)
        self._is_unfolding = shown

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that what was opened has its place now: the layout gives it a turn later."""
        super().resizeEvent(event)
        if self._is_unfolding:
            self._is_unfolding = False
            self.unfolded.emit(self._row.id)

    def _drop_form(self) -> None:
        self.parameters_toggle.setChecked(False)
        if self._form is not None:
            self._form.deleteLater()
            self._form = None

    def _drop_details(self) -> None:
        self.details_toggle.setChecked(False)
        if self._details is not None:
            self._details.deleteLater()
            self._details = None

    def _copy_report(self) -> None:
        QGuiApplication.clipboard().setText(self._row.report)
        for each in (self.copy_button, self.failure_button):
            each.setText("Copied")


def matches(row: ModelRow, query: str) -> bool:
    """Whether a model belongs to what was typed into the filter."""
    words = query.casefold().split()
    text = f"{row.title} {row.summary} {row.id}".casefold()
    return all(word in text for word in words)


def _verdict_words(row: ModelRow) -> tuple[str, Role]:
    if row.state not in ("found", "ready"):
        reason = f": {row.state_reason}" if row.state_reason else ""
        return f"{_STATES[row.state].capitalize()}{reason}", (
            "muted" if row.state == "disabled" else "bad"
        )
    reasons = " ".join(row.fit_reasons)
    if row.fit == "fit":
        return reasons or "Fits this series", "good"
    if row.fit == "doubtful":
        return f"Doubtful: {reasons}", "doubt"
    if row.fit == "unfit":
        return f"Does not fit: {reasons}", "muted"
    return row.waiting, "muted"


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST_REASON:
        return text
    return text[:_LONGEST_REASON].rsplit(" ", 1)[0] + " \N{HORIZONTAL ELLIPSIS}"


def _toggle(icon_name: str, name: str, on_toggle: object) -> QToolButton:
    result = QToolButton()
    result.setIcon(icon(icon_name))
    result.setToolTip(name)
    result.setAccessibleName(name)
    result.setCheckable(True)
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    result.toggled.connect(on_toggle)
    return result


def _facts(row: ModelRow) -> QWidget:
    box = QFrame()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 4, 0, 0)
    column.setSpacing(2)
    for fact in row.facts:
        column.addWidget(label(fact.name, "section"))
        text = label(fact.text, wrap=True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(text)
        column.addSpacing(4)
    return box
