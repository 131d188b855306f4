"""`CommandBars`: actions, menus and tool bar made from `CommandItem` records.

Setters
-------
set_commands(items), set_enabled(id, bool), set_checked(id, bool), entries() ->
    tuple[PaletteEntry, ...]
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar, QToolButton, QWidget

from medview.view.command_item import CommandItem
from medview.view.command_palette import PaletteEntry
from medview.view.icons import icon

_MENU_ORDER = ("File", "Edit", "View", "Tools", "Models", "Window", "Help")


class CommandBars(QObject):
    """Keeps one QAction per command; the menu bar, the tool bar and the palette share it."""

    def __init__(self, window: QWidget, menu_bar: QMenuBar, tool_bar: QToolBar) -> None:
        super().__init__(window)
        self._window = window
        self._menu_bar = menu_bar
        self._tool_bar = tool_bar
        self._items: dict[str, CommandItem] = {}
        self._actions: dict[str, QAction] = {}
        self._menus: dict[tuple[str, ...], QMenu] = {}
        self._groups: dict[str, QActionGroup] = {}

    def set_commands(self, items: Iterable[CommandItem]) -> None:
        """Replace all commands.

        Raises
        ------
        ValueError
            If two share an id or a key: one of them would silently be dead.
        """
        self._forget()
        keys: dict[str, str] = {}
        for item in items:
            if item.id in self._items:
                raise ValueError(f"Two commands have the id {item.id}.")
            for key in item.shortcuts:
                if key in keys:
                    raise ValueError(f"{item.id} and {keys[key]} share the key {key}.")
                keys[key] = item.id
            self._items[item.id] = item
            self._actions[item.id] = self._make_action(item)
        self._fill_menus()
        self._fill_tool_bar()

    def action(self, command_id: str) -> QAction:
        """The action of a command; KeyError if unknown."""
        return self._actions[command_id]

    def set_enabled(self, command_id: str, enabled: bool) -> None:
        """Make a command available or not."""
        self._actions[command_id].setEnabled(enabled)

    def set_checked(self, command_id: str, checked: bool) -> None:
        """Show a checkable command as on or off; does not run it."""
        self._actions[command_id].setChecked(checked)

    def entries(self) -> tuple[PaletteEntry, ...]:
        """All commands for the palette, in the order given."""
        return tuple(self._entry(item) for item in self._items.values())

    def menu(self, path: tuple[str, ...]) -> QMenu:
        """The menu at a path, made if need be."""
        if path not in self._menus:
            title = path[-1].replace("&", "&&")
            if len(path) == 1:
                self._menus[path] = self._menu_bar.addMenu(f"&{title}")
            else:
                self._menus[path] = self.menu(path[:-1]).addMenu(title)
        return self._menus[path]

    def _entry(self, item: CommandItem) -> PaletteEntry:
        action = self._actions[item.id]
        return PaletteEntry(
            title=item.title,
            run=action.trigger,
            detail=" \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} ".join(item.menu),
            shortcut=_native(item),
            icon=item.icon,
            enabled=action.isEnabled(),
        )

    def _make_action(self, item: CommandItem) -> QAction:
        action = QAction(item.title.replace("&", "&&"), self._window)
        action.setObjectName(item.id)
        if item.icon:
            action.setIcon(icon(item.icon))
        action.setShortcuts([QKeySequence(key) for key in item.shortcuts])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        key = _native(item)
        tip = item.tooltip or item.title
        action.setToolTip(f"{tip}  ({key})" if key else tip)
        action.setStatusTip("")
        action.setIconVisibleInMenu(False)
        action.setCheckable(item.checkable)
        action.setChecked(item.checked)
        action.setEnabled(item.enabled)
        if item.group:
            group = self._groups.setdefault(item.group, QActionGroup(self._window))
            group.addAction(action)
        action.triggered.connect(lambda _checked=False: item.callback())
        # Known to the window itself, so that keys work while all menus are closed or hidden.
        self._window.addAction(action)
        return action

    def _fill_menus(self) -> None:
        used = {item.menu[0] for item in self._items.values() if item.menu}
        known = [name for name in _MENU_ORDER if name in used]
        for name in known + [n for n in dict.fromkeys(self._top_names()) if n not in _MENU_ORDER]:
            self.menu((name,))
        for item in self._items.values():
            if item.menu:
                menu = self.menu(item.menu)
                if item.separator_before:
                    menu.addSeparator()
                menu.addAction(self._actions[item.id])

    def _top_names(self) -> list[str]:
        return [item.menu[0] for item in self._items.values() if item.menu]

    def _fill_tool_bar(self) -> None:
        hosts = {item.tool_menu for item in self._items.values() if item.tool_menu}
        for item in self._items.values():
            if not item.in_tool_bar:
                continue
            if item.separator_before and self._tool_bar.actions():
                self._tool_bar.addSeparator()
            self._tool_bar.addAction(self._actions[item.id])
            button = self._tool_bar.widgetForAction(self._actions[item.id])
            if isinstance(button, QToolButton):
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                button.setAccessibleName(item.title)
                if item.id in hosts:
                    self._give_menu(button, item.id)

    def _give_menu(self, button: QToolButton, host: str) -> None:
        menu = QMenu(button)
        for item in self._items.values():
            if item.tool_menu == host:
                if item.separator_before and not item.in_tool_bar:
                    menu.addSeparator()
                menu.addAction(self._actions[item.id])
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)

    def _forget(self) -> None:
        self._tool_bar.clear()
        self._menu_bar.clear()
        for action in self._actions.values():
            self._window.removeAction(action)
            action.deleteLater()
        for group in self._groups.values():
            group.deleteLater()
        self._items, self._actions, self._menus, self._groups = {}, {}, {}, {}


def _native(item: CommandItem) -> str:
    if not item.shortcuts:
        return ""
    return QKeySequence(item.shortcuts[0]).toString(QKeySequence.SequenceFormat.NativeText)
