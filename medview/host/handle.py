"""`ModelHandle`: one model of the catalogue with its state; loads at most once, when asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal

from medview.core.errors import ModelError, UnfitError
from medview.host.card import ModelCard
from medview.host.discovery import Found
from medview.host.loader import Broken, Hooks, Loaded

State = Literal["found", "ready", "broken", "incompatible", "disabled"]


class ModelHandle:
    """A model that was found; safe to use from several threads.

    Parameters
    ----------
    found : Found
        Where it comes from. One with a reason is ``incompatible`` from the start.
    load : callable
        Imports the plugin; called at most once.
    disabled : str
        Why it is switched off; empty when it is not.
    """

    def __init__(
        self, found: Found, load: Callable[[Found], Loaded | Broken], disabled: str = ""
    ) -> None:
        self._found = found
        self._load = load
        self._disabled = disabled
        self._result: Loaded | Broken | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"<ModelHandle {self.id} {self.version} {self.state}>"

    @property
    def found(self) -> Found:
        """Where it comes from."""
        return self._found

    @property
    def id(self) -> str:
        """The model's id."""
        return self._found.id

    @property
    def distribution(self) -> str:
        """Name of the installed package that brings it."""
        return self._found.distribution

    @property
    def version(self) -> str:
        """Version of that package."""
        return self._found.version

    @property
    def api(self) -> str:
        """The contract that it speaks, e.g. ``"medview.model.v1"``."""
        return self._found.api

    @property
    def target(self) -> str:
        """What is imported: ``"package.module"`` or ``"package.module:object"``."""
        return self._found.target

    @property
    def title(self) -> str:
        """What to call it: the card's title, or the id before it was loaded."""
        return self.card.title if self.card else self.id

    @property
    def switched_off(self) -> str:
        """Why it is switched off, in a sentence; empty where it is not."""
        return self._disabled

    @property
    def state(self) -> State:
        """``found`` until it is loaded; then ``ready`` or ``broken``."""
        if self._found.reason:
            return "incompatible"
        if self._disabled:
            return "disabled"
        if self._result is None:
            return "found"
        return "broken" if isinstance(self._result, Broken) else "ready"

    @property
    def reason(self) -> str:
        """Why it cannot be used, in a sentence; empty where it can."""
        broken = self._result.reason if isinstance(self._result, Broken) else ""
        return self._found.reason or self._disabled or broken

    @property
    def report(self) -> str:
        """The reason at length, to be copied; free of paths and of patients' data."""
        return self._result.report if isinstance(self._result, Broken) else self.reason

    @property
    def card(self) -> ModelCard | None:
        """What it says of itself; None until it is ready."""
        return self._result.card if isinstance(self._result, Loaded) else None

    @property
    def params_type(self) -> type | None:
        """The dataclass of its parameters; None until it is ready, or where it has none."""
        return self._result.params_type if isinstance(self._result, Loaded) else None

    @property
    def package(self) -> str | None:
        """The import package in which its data files lie; None until it is ready."""
        return self._result.package if isinstance(self._result, Loaded) else None

    @property
    def isolation(self) -> str:
        """In what it runs, for people; empty for the application's own process, or until ready."""
        return self._result.plugin.isolation if isinstance(self._result, Loaded) else ""

    def ensure_ready(self) -> None:
        """Load it, if that was not tried before; a failure becomes the state ``broken``."""
        with self._lock:
            if self.state == "found":
                self._result = self._load(self._found)

    def loaded(self) -> Loaded:
        """The loaded model; loads it first.

        Raises
        ------
        UnfitError
            If it is incompatible or disabled.
        ModelError
            If it is broken.
        """
        self.ensure_ready()
        if isinstance(self._result, Loaded):
            return self._result
        sentence = f"The model '{self.id}' is {self.state}. {self.reason}"
        if self.state == "broken":
            raise ModelError(sentence, code="model-broken")
        raise UnfitError(sentence, code=f"model-{self.state}")

    @property
    def plugin(self) -> Hooks:
        """The plugin to call; raises as `loaded` does."""
        return self.loaded().plugin
