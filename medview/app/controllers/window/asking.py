"""The system's own dialogs for folders and files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget


def ask_folder(parent: QWidget, start: Path | None) -> Path | None:
    """A folder to open; None when the reader thought better of it."""
    chosen = QFileDialog.getExistingDirectory(parent, "Open folder", str(start or Path.home()))
    return Path(chosen) if chosen else None


def ask_files(parent: QWidget, start: Path | None) -> tuple[Path, ...]:
    """Files to open; all kinds, because DICOM files often have no ending."""
    chosen, _ = QFileDialog.getOpenFileNames(parent, "Open files", str(start or Path.home()))
    return tuple(Path(name) for name in chosen)


def ask_new_folder(parent: QWidget, suggested: str) -> Path | None:
    """A folder to write; it need not exist."""
    dialog = QFileDialog(parent, "Save findings", str(Path.home() / suggested))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setLabelText(QFileDialog.DialogLabel.FileName, "New folder")
    if dialog.exec() and dialog.selectedFiles():
        return Path(dialog.selectedFiles()[0])
    return None


def ask_picture_file(parent: QWidget) -> Path | None:
    """A PNG file to write."""
    chosen, _ = QFileDialog.getSaveFileName(
        parent, "Save picture", str(Path.home() / "medview.png"), "PNG picture (*.png)"
    )
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix else path.with_suffix(".png")
