"""The menu of one model: switch, upgrade, roll back, remove, doctor, copy the report."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMenu, QToolButton

from medview.view.icons import icon
from medview.view.panels.model_rows import ModelRow, PackageAct


class ModelMenu(QToolButton):
    """Three dots that open the menu; it opens from the keyboard too.

    Parameters
    ----------
    act : callable
        Takes what was chosen.
    copy_report : callable
        Puts the report of a failure on the clipboard.
    """

    def __init__(
        self, act: Callable[[PackageAct], object], copy_report: Callable[[], object]
    ) -> None:
        super().__init__()
        self._act = act
        self._copy_report = copy_report
        self.setObjectName("modelMenu")
        self.setIcon(icon("more"))
        self.setIconSize(QSize(18, 18))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self._shown: object = None

    def set_row(self, row: ModelRow) -> None:
        """Offer what can be done with this model now."""
        self.setToolTip(f"More for {row.title}")
        self.setAccessibleName(f"More for {row.title}")
        package = row.package
        self.setVisible(package is not None)
        shows = (package, bool(row.report), row.state)
        # An open menu must not change under the pointer while progress ticks.
        if package is None or shows == self._shown:
            return
        self._shown = shows
        self._menu.clear()
        if package.can_switch:
            if package.is_on:
                self._add("Disable", "disable", "disabled")
            else:
                self._add("Enable", "enable", "power")
        if package.is_own:
            self._add("Upgrade\N{HORIZONTAL ELLIPSIS}", "upgrade", "install")
            if package.former:
                self._add(f"Roll back to {package.former}", "roll-back", "recent")
            self._add("Remove", "remove", "remove")
        self._menu.addSeparator()
        self._add("Doctor\N{HORIZONTAL ELLIPSIS}", "examine", "doctor")
        if row.report:
            self._menu.addAction(icon("copy"), "Copy report", self._copy_report)

    def _add(self, words: str, act: PackageAct, icon_name: str) -> None:
        action = self._menu.addAction(icon(icon_name), words)
        action.setObjectName(act)
        action.triggered.connect(lambda _=False: self._act(act))
