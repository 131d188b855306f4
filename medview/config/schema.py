"""The settings: one frozen dataclass per section, with the value a new installation has."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

MouseProfile = Literal["window-left", "scroll-left", "slicer"]
Theme = Literal["dark", "light", "system"]

RECENT_LIMIT = 12


@dataclass(frozen=True, slots=True)
class RecentItems:
    """What was opened lately, newest first; absolute paths."""

    paths: tuple[str, ...] = ()

    def with_opened(self, path: str) -> RecentItems:
        """With `path` moved or put to the front, and the oldest beyond the limit dropped."""
        others = tuple(other for other in self.paths if other != path)
        return replace(self, paths=(path, *others)[:RECENT_LIMIT])

    def without(self, path: str) -> RecentItems:
        """Without `path`, e.g. because it is gone."""
        return replace(self, paths=tuple(other for other in self.paths if other != path))


@dataclass(frozen=True, slots=True)
class WindowSettings:
    """How the main window was left.

    Attributes
    ----------
    geometry, docks : str
        Qt's own records as base64 text; empty for the first start.
    theme : str
        ``"dark"``, ``"light"`` or ``"system"``.
    layout : str
        Name of the arrangement of views.
    """

    geometry: str = ""
    docks: str = ""
    theme: Theme = "dark"
    layout: str = "four-up"


@dataclass(frozen=True, slots=True)
class ReadingSettings:
    """How images are read.

    Attributes
    ----------
    mouse_profile : str
        What the left button does: window / level, scrolling, or as in 3D Slicer.
    show_identifiers : bool
        Whether corner text in the window names the patient. Snapshots never do by default.
    """

    mouse_profile: MouseProfile = "window-left"
    show_identifiers: bool = False


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """How models run.

    Attributes
    ----------
    disabled : tuple of str
        Ids of models that a person switched off.
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:N"`` or ``"mps"``.
    reproducible : bool
        Deterministic arithmetic, slower on a GPU.
    network : tuple of str
        Models that ask for the network and may use it, each as ``distribution/id``.
    keys : tuple of str
        Models that the keys Ctrl+Shift+1 to 9 run, in this order, each as ``distribution/id``.
    """

    disabled: tuple[str, ...] = ()
    device: str = "auto"
    reproducible: bool = False
    network: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that outlives a session."""

    recent: RecentItems = field(default_factory=RecentItems)
    window: WindowSettings = field(default_factory=WindowSettings)
    reading: ReadingSettings = field(default_factory=ReadingSettings)
    models: ModelSettings = field(default_factory=ModelSettings)
