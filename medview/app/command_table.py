"""`CommandTable`: all commands of the window as data, made anew when what they offer changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from medview.app.commands.edit_menu import edit_commands
from medview.app.commands.file_menu import file_commands
from medview.app.commands.models_menu import model_commands
from medview.app.commands.tools_menu import tool_commands
from medview.app.commands.view_menu import view_commands
from medview.app.commands.window_menu import window_commands
from medview.app.controllers.window.reading import Reading
from medview.app.controllers.window.windowing import WindowPresets
from medview.app.session import Session
from medview.config.schema import MouseProfile
from medview.core.data.volume import Volume
from medview.render.presets import volume_presets
from medview.view.command_item import CommandItem
from medview.view.main_window import MainWindow
from medview.view.panels.model_rows import ModelRow
from medview.view.panes.gestures import Tool, default_tool

Act = Callable[[], None]


@dataclass(frozen=True, eq=False)
class Acts:
    """What commands do that no other object here does."""

    open_folder: Act
    open_files: Act
    open_sample: Act
    save_findings: Act
    save_picture: Act
    close_all: Act
    leave: Act
    run_model: Callable[[str], None]
    cancel_newest: Act
    install_model: Act
    examine_models: Act
    removed_title: Callable[[], str]
    undo_removal: Act
    toggle_identifiers: Act
    identifiers_shown: Callable[[], bool]
    toggle_cine: Act
    is_playing: Callable[[], bool]
    show_preferences: Act
    show_keys: Act
    show_about: Act


class CommandTable:
    """Fills the window's menus, tool bar, keys and palette.

    Parameters
    ----------
    window : MainWindow
    session : Session
    reading : Reading
    presets : WindowPresets
    acts : Acts
    first_tool : Tool
        What the left button does at first.
    """

    def __init__(
        self,
        window: MainWindow,
        session: Session,
        reading: Reading,
        presets: WindowPresets,
        acts: Acts,
        first_tool: Tool = Tool.WINDOW,
    ) -> None:
        self._window = window
        self._session = session
        self._reading = reading
        self._presets = presets
        self._acts = acts
        self._tool = first_tool
        window.viewer.set_tool(first_tool)
        self._models: tuple[ModelRow, ...] = ()
        session.undo.changed.connect(self.refresh)
        presets.on_offered = lambda _offered: self.refresh()
        window.viewer.layout_changed.connect(self._on_layout)

    def refresh(self) -> None:
        """Make all commands anew."""
        self._window.set_commands(self.items())

    def set_models(self, rows: tuple[ModelRow, ...]) -> None:
        """Take what the models panel shows; commands change only where these do."""
        offered, before = _offered(rows), _offered(self._models)
        self._models = rows
        if offered != before:
            self.refresh()

    def show_playing(self, playing: bool) -> None:
        """Mark cine as running or not."""
        self._window.set_command_checked("time.play", playing)

    def items(self) -> tuple[CommandItem, ...]:
        """Every command, as of now."""
        acts = self._acts
        return (
            *file_commands(
                open_folder=acts.open_folder,
                open_files=acts.open_files,
                open_sample=acts.open_sample,
                save_findings=acts.save_findings,
                save_picture=acts.save_picture,
                close_all=acts.close_all,
                leave=acts.leave,
            ),
            *edit_commands(
                self._session.undo,
                removed=acts.removed_title(),
                undo_removal=acts.undo_removal,
                show_preferences=acts.show_preferences,
            ),
            *tool_commands(self.choose_tool, self._tool, self._presets, self._presets.offered),
            *view_commands(
                self._reading,
                identifiers_shown=acts.identifiers_shown(),
                toggle_identifiers=acts.toggle_identifiers,
                volume_presets=self._volume_presets(),
                volume_preset=self._session.volume.state.preset,
                toggle_cine=acts.toggle_cine,
                is_playing=acts.is_playing(),
            ),
            *model_commands(
                self._models,
                run=acts.run_model,
                cancel=acts.cancel_newest,
                install=acts.install_model,
                examine=acts.examine_models,
            ),
            *window_commands(self._window, show_keys=acts.show_keys, show_about=acts.show_about),
        )

    def choose_tool(self, tool: Tool) -> None:
        """Let the left button do something else."""
        self._tool = tool
        self._window.viewer.set_tool(tool)
        self._window.set_command_checked(f"tool.{tool.value}", True)

    def _volume_presets(self) -> tuple[str, ...]:
        source = self._session.scene.active
        if source is None or not isinstance(source.data, Volume):
            return ()
        return tuple(preset.name for preset in volume_presets(source.data.intensity))

    def _on_layout(self, layout: object) -> None:
        self._window.set_command_checked(f"layout.{layout}", True)


def _offered(rows: tuple[ModelRow, ...]) -> list[tuple[object, ...]]:
    return [(row.id, row.title, row.state, row.fit, row.running, row.key) for row in rows]


def tool_of(profile: MouseProfile) -> Tool:
    """The tool that a person's habit begins with."""
    return default_tool("scroll" if profile == "scroll-left" else "window")
