"""`InstallSource`: asks what to install: a file, a folder, a path, or a name on an index.

Signals
-------
chosen(str): a path or a name
cancelled(): the dialog was closed, or what is being read is to be left alone

Setters
-------
set_looking(str): what is being read now; empty when nothing is
set_problem(sentence, report): why it cannot be installed
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from medview.view.drop_hint import DropHint
from medview.view.parts import ElidedLabel, breakable, button, icon_label, label, rule

_FILES = "Packages of models (*.whl *.zip medview_model.json);;All files (*)"


class InstallSource(QDialog):
    """Not modal.

    Parameters
    ----------
    name : str
        What the name field begins with.
    """

    chosen = Signal(str)
    cancelled = Signal()

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Install a model")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFixedWidth(520)
        self._report = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(label("Install a model", "headline"))
        column.addWidget(
            label(
                "What it says of itself is shown first. Nothing of it runs before you agree.",
                "muted",
                wrap=True,
            )
        )
        column.addWidget(self._make_well())
        column.addWidget(label("By name or path".upper(), "section"))
        row = QHBoxLayout()
        row.setSpacing(8)
        self.name = QLineEdit(name)
        self.name.setPlaceholderText("Name on the package index, name==version, or a path")
        self.name.setAccessibleName("Name on the package index, or a path")
        self.name.setAcceptDrops(False)
        self.name.textChanged.connect(self._on_typed)
        self.name.returnPressed.connect(self._on_look)
        self.look_button = button("Look", self._on_look)
        row.addWidget(self.name, 1)
        row.addWidget(self.look_button)
        column.addLayout(row)
        column.addWidget(self._make_state())
        column.addWidget(rule())
        foot = QHBoxLayout()
        foot.addStretch()
        self.cancel_button = button("Cancel", self.reject)
        foot.addWidget(self.cancel_button)
        column.addLayout(foot)
        self.finished.connect(lambda _: self.cancelled.emit())
        self.set_looking("")
        self.set_problem("", "")
        self._on_typed(name)
        self.name.setFocus()

    def set_looking(self, name: str) -> None:
        """Show that something is being read."""
        self._looking.setText(f"Reading {name}" if name else "")
        self._looking_box.setVisible(bool(name))
        for widget in (self.name, self.file_button, self.folder_button):
            widget.setEnabled(not name)
        self.look_button.setEnabled(not name and bool(self.name.text().strip()))
        if name:
            self.set_problem("", "")
        else:
            # It lost the focus to Cancel when it was switched off.
            self.name.setFocus()
        self.adjustSize()

    def set_problem(self, sentence: str, report: str) -> None:
        """Say why it cannot be installed; empty when nothing is wrong."""
        self._report = report
        self._problem.setText(breakable(sentence))
        self._problem_box.setVisible(bool(sentence))
        self.copy_button.setVisible(bool(report))
        self.copy_button.setText("Copy report")
        self.adjustSize()

    @property
    def problem(self) -> str:
        """What is said to be wrong."""
        return self._problem.text()

    def _make_well(self) -> QWidget:
        well = QFrame()
        well.setObjectName("dropZone")
        column = QVBoxLayout(well)
        column.setContentsMargins(16, 20, 16, 20)
        column.setSpacing(12)
        words = label(
            "Drop a wheel, a folder, a zip, a MONAI bundle, an ONNX or TorchScript network with "
            "its manifest, or an offline pack here",
            "muted",
            wrap=True,
        )
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(words)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.file_button = button("Choose file", self._on_file, icon_name="open-file")
        self.folder_button = button("Choose folder", self._on_folder, icon_name="open")
        row.addStretch()
        row.addWidget(self.file_button)
        row.addWidget(self.folder_button)
        row.addStretch()
        column.addLayout(row)
        self._drop = DropHint(self, "Drop it to look at it")
        self._drop.dropped.connect(self._on_dropped)
        return well

    def _make_state(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        self._looking_box = QWidget()
        looking = QVBoxLayout(self._looking_box)
        looking.setContentsMargins(0, 0, 0, 0)
        self._looking = ElidedLabel("", "muted")
        bar = QProgressBar()
        bar.setTextVisible(False)
        bar.setRange(0, 0)
        looking.addWidget(self._looking)
        looking.addWidget(bar)
        column.addWidget(self._looking_box)
        self._problem_box = QWidget()
        problem = QHBoxLayout(self._problem_box)
        problem.setContentsMargins(0, 0, 0, 0)
        problem.setSpacing(8)
        problem.addWidget(icon_label("error", "#d9584a"))
        self._problem = label("", wrap=True)
        self._problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        problem.addWidget(self._problem, 1)
        self.copy_button = button("Copy report", self._copy, icon_name="copy")
        problem.addWidget(self.copy_button)
        column.addWidget(self._problem_box)
        return box

    def _on_typed(self, text: str) -> None:
        self.look_button.setEnabled(bool(text.strip()))

    def _on_look(self) -> None:
        if self.name.text().strip() and self.look_button.isEnabled():
            self.chosen.emit(self.name.text().strip())

    def _on_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self, "Choose a package of models", str(Path.home()), _FILES
        )
        if chosen:
            self.chosen.emit(chosen)

    def _on_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(
            self, "Choose a folder of a package or a bundle", str(Path.home())
        )
        if chosen:
            self.chosen.emit(chosen)

    def _on_dropped(self, paths: tuple[Path, ...]) -> None:
        if self.file_button.isEnabled():
            self.chosen.emit(str(paths[0]))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._report)
        self.copy_button.setText("Copied")
