"""View: going through slices, fitting, turning, what lies over the image, layouts, 3D presets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from medview.app.controllers.window.reading import Reading
from medview.core.scene.layout import Layout
from medview.view.command_item import CommandItem

_MENU = ("View",)
_SLICES = ("View", "Slices")
_TIME = ("View", "Time")
_TURN = ("View", "Turn")
_LAYOUT = ("View", "Layout")
_VOLUME = ("View", "3D")

_LAYOUTS = (
    (Layout.FOUR_UP, "Four views", "Ctrl+1", "layout-four"),
    (Layout.AXIAL, "Axial", "Ctrl+2", "layout-one"),
    (Layout.CORONAL, "Coronal", "Ctrl+3", "layout-one"),
    (Layout.SAGITTAL, "Sagittal", "Ctrl+4", "layout-one"),
    (Layout.VOLUME, "3D", "Ctrl+5", "cube"),
)


def view_commands(
    reading: Reading,
    *,
    identifiers_shown: bool,
    toggle_identifiers: Callable[[], None],
    volume_presets: Sequence[str],
    volume_preset: str,
    toggle_cine: Callable[[], None],
    is_playing: bool,
) -> tuple[CommandItem, ...]:
    """The commands of the View menu."""
    return (
        *_looks(reading, identifiers_shown, toggle_identifiers),
        *_going(reading),
        *_moving(reading, toggle_cine, is_playing),
        *_turning(reading),
        *_arranging(reading),
        *_rendering(reading, volume_presets, volume_preset),
    )


def _looks(
    reading: Reading, identifiers_shown: bool, toggle_identifiers: Callable[[], None]
) -> tuple[CommandItem, ...]:
    return (
        CommandItem("view.fit", "Fit", reading.fit, _MENU, ("Ctrl+Return", "Ctrl+Enter"), "fit"),
        CommandItem(
            "view.reset", "Reset", reading.reset, _MENU, ("Esc",), "reset", "Window, zoom and turns"
        ),
        CommandItem(
            "view.invert",
            "Invert",
            reading.toggle_inverted,
            _MENU,
            ("Shift+I",),
            "invert",
            "Swap black and white",
            separator_before=True,
        ),
        CommandItem(
            "view.overlays", "Next overlay state", reading.next_overlays, _MENU, ("Space",)
        ),
        CommandItem(
            "view.masks", "Hide or show results", reading.toggle_results, _MENU, ("G",), "eye"
        ),
        CommandItem("view.text", "Hide or show text", reading.toggle_text, _MENU, ("I",), "text"),
        CommandItem(
            "view.crosshair",
            "Hide or show crosshair",
            reading.toggle_crosshair,
            _MENU,
            ("X",),
            "crosshair",
        ),
        CommandItem(
            "view.identifiers",
            "Patient in corner text",
            toggle_identifiers,
            _MENU,
            (),
            "person",
            checkable=True,
            checked=identifiers_shown,
        ),
        CommandItem("view.smooth", "Smooth or sharp pixels", reading.toggle_smooth, _MENU),
    )


def _going(reading: Reading) -> tuple[CommandItem, ...]:
    step, series = reading.step, reading.step_series
    return (
        CommandItem("slice.previous", "Previous slice", partial(step, -1), _SLICES, ("Up",)),
        CommandItem("slice.next", "Next slice", partial(step, 1), _SLICES, ("Down",)),
        CommandItem("slice.back-10", "Back 10", partial(step, -10), _SLICES, ("Shift+Up",)),
        CommandItem("slice.on-10", "On 10", partial(step, 10), _SLICES, ("Shift+Down",)),
        CommandItem("slice.first", "First slice", reading.to_first, _SLICES, ("Home",)),
        CommandItem("slice.last", "Last slice", reading.to_last, _SLICES, ("End",)),
        CommandItem(
            "series.previous", "Previous series", partial(series, -1), _SLICES, ("Left", "PgUp")
        ),
        CommandItem("series.next", "Next series", partial(series, 1), _SLICES, ("Right", "PgDown")),
        CommandItem(
            "finding.next", "Next finding", partial(reading.step_finding, 1), _SLICES, ("N",)
        ),
        CommandItem(
            "finding.previous",
            "Previous finding",
            partial(reading.step_finding, -1),
            _SLICES,
            ("Shift+N",),
        ),
        # Tab goes from view to view by itself, so this needs no key of its own.
        CommandItem("view.next", "Next view", reading.next_view, _SLICES),
    )


def _moving(
    reading: Reading, toggle_cine: Callable[[], None], is_playing: bool
) -> tuple[CommandItem, ...]:
    return (
        CommandItem(
            "time.play",
            "Cine",
            toggle_cine,
            _TIME,
            ("C",),
            "cine",
            "Play time points, or slices where nothing moves",
            checkable=True,
            checked=is_playing,
            in_tool_bar=True,
        ),
        CommandItem(
            "time.previous", "Previous time point", partial(reading.step_time, -1), _TIME, (",",)
        ),
        CommandItem("time.next", "Next time point", partial(reading.step_time, 1), _TIME, (".",)),
    )


def _turning(reading: Reading) -> tuple[CommandItem, ...]:
    return (
        CommandItem(
            "view.turn-right", "Turn right", partial(reading.turn, 90), _TURN, ("Alt+R",), "rotate"
        ),
        CommandItem("view.turn-left", "Turn left", partial(reading.turn, -90), _TURN, ("Alt+L",)),
        CommandItem("view.flip", "Mirror left to right", reading.flip, _TURN, ("Alt+F",)),
        CommandItem("view.straighten", "Straighten", reading.straighten, _TURN),
    )


def _arranging(reading: Reading) -> tuple[CommandItem, ...]:
    return tuple(
        CommandItem(
            f"layout.{layout.value}",
            title,
            partial(reading.set_layout, layout),
            _LAYOUT,
            (key,),
            icon,
            checkable=True,
            checked=reading.current_layout is layout,
            group="layout",
            in_tool_bar=layout is Layout.FOUR_UP,
            tool_menu="layout.four-up",
            separator_before=layout is Layout.FOUR_UP,
        )
        for layout, title, key, icon in _LAYOUTS
    )


def _rendering(reading: Reading, presets: Sequence[str], current: str) -> tuple[CommandItem, ...]:
    named = tuple(
        CommandItem(
            f"volume.preset.{number}",
            name,
            partial(reading.set_volume_preset, name),
            _VOLUME,
            checkable=True,
            checked=name == current,
            group="volume-preset",
        )
        for number, name in enumerate(presets)
    )
    return (
        *named,
        CommandItem(
            "volume.toggle",
            "Hide or show the volume",
            reading.toggle_volume,
            _VOLUME,
            separator_before=bool(named),
        ),
        CommandItem("volume.fit", "Fit and face front", reading.fit_volume, _VOLUME),
    )
