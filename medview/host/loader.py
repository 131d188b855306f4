"""Import one plugin, guarded, into a plugin manager of its own; a failure is a value."""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pluggy

from medview.core.data.source import SourceInfo
from medview.core.runctx import RunContext
from medview.host.card import ModelCard
from medview.host.card_checks import card_problems
from medview.host.discovery import Found
from medview.host.params import problems_of
from medview.host.report import failure_report, import_failure, traceback_without_paths
from medview.host.spec import API, ModelHooks
from medview.host.trace import TraceFn, trace_calls

HOOKS = ("describe", "applicable", "run")


class Hooks(Protocol):
    """The hooks of one model, wherever they run; what they return is unchecked."""

    @property
    def isolation(self) -> str:
        """In what it runs, for people; empty where that is the application's own process."""

    def describe(self) -> Any:
        """What ``describe`` returns, or returned."""

    def applicable(self, source: SourceInfo) -> Any:
        """What ``applicable`` returns."""

    def run(self, source: Any, params: Any, ctx: RunContext) -> Any:
        """What ``run`` returns."""


class Plugin:
    """One registered plugin; its hooks are called on it alone, never broadcast.

    pluggy passes each implementation only the arguments that it names, so a
    plugin may leave out those it does not use.
    """

    isolation = ""

    def __init__(self, model_id: str, implementation: Any, trace: TraceFn | None = None) -> None:
        manager = pluggy.PluginManager(API)
        manager.add_hookspecs(ModelHooks)
        manager.register(implementation, name=model_id)
        if trace is not None:
            trace_calls(manager, model_id, trace)
        self._manager = manager

    def hook_problems(self) -> list[str]:
        """Hooks that are unknown or missing, one sentence each."""
        hooks = vars(self._manager.hook)
        found = [
            f"'{name}' is no hook of {API}; known: {', '.join(HOOKS)}."
            for name, caller in hooks.items()
            if isinstance(caller, pluggy.HookCaller) and not caller.has_spec()
        ]
        missing = [name for name in HOOKS if not hooks[name].get_hookimpls()]
        return found + [f"The hook '{name}' is missing." for name in missing]

    def describe(self) -> Any:
        """What ``describe`` returns, unchecked."""
        return self._manager.hook.describe()

    def applicable(self, source: SourceInfo) -> Any:
        """What ``applicable`` returns, unchecked."""
        return self._manager.hook.applicable(source=source)

    def run(self, source: Any, params: Any, ctx: RunContext) -> Any:
        """What ``run`` returns, unchecked."""
        return self._manager.hook.run(source=source, params=params, ctx=ctx)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plugin that may be called.

    Attributes
    ----------
    plugin : Hooks
    card : ModelCard
    params_type : type or None
        The module's ``Params`` dataclass; None where it has no parameters.
    package : str
        Name of the import package, where its data files lie.
    folder : Path or None
        That package's folder, where it must not be imported to find it.
    """

    plugin: Hooks
    card: ModelCard
    params_type: type | None
    package: str
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """Why a plugin cannot be used: a sentence, and a report to copy."""

    reason: str
    report: str


def argument_problems(implementation: Any) -> list[str]:
    """Arguments of hooks that medview does not give, one sentence each."""
    found = []
    for name in HOOKS:
        hook = getattr(implementation, name, None)
        if not hasattr(hook, f"{API}_impl") or not callable(hook):
            continue
        known = list(inspect.signature(getattr(ModelHooks, name)).parameters)[1:]
        taken = inspect.signature(hook).parameters
        found += [
            f"'{name}' takes '{each}', which is not given; "
            + (f"it may take {', '.join(known)}." if known else "it takes nothing.")
            for each, parameter in taken.items()
            # pluggy hands over nothing that has a default.
            if each not in known and parameter.default is parameter.empty
        ]
    return found


def load(found: Found, trace: TraceFn | None = None) -> Loaded | Broken:
    """Import and register one plugin and ask it to describe itself.

    Whatever the plugin raises, ``SystemExit`` included, becomes a `Broken`;
    only ``KeyboardInterrupt``, which is the user's, passes.
    """
    module_name, _, attribute = found.target.partition(":")
    stage = "importing"
    try:
        implementation: Any = importlib.import_module(module_name.strip())
        for part in filter(None, attribute.strip().split(".")):
            implementation = getattr(implementation, part)
        stage = "registering"
        problems = argument_problems(implementation)
        if problems:
            return _broken(found, stage, " ".join(problems))
        plugin = Plugin(found.id, implementation, trace)
        problems = plugin.hook_problems()
        if problems:
            return _broken(found, stage, " ".join(problems))
        stage = "describing"
        card = plugin.describe()
        problems = card_problems(card, found.id)
        params_type = getattr(implementation, "Params", None)
        problems += problems_of(params_type)
    # A plugin is foreign code: nothing that it raises may stop the application.
    except (Exception, SystemExit) as error:  # noqa: BLE001
        told = import_failure(error, module_name.strip().partition(".")[0])
        return _broken(found, stage, told, traceback_without_paths(error))
    if problems:
        return _broken(found, stage, " ".join(problems))
    return Loaded(plugin, card, params_type, module_name.strip().partition(".")[0])


def _broken(found: Found, stage: str, reason: str, details: str = "") -> Broken:
    return Broken(
        f"{stage.capitalize()} it failed: {reason}",
        failure_report(stage, found.id, found.distribution, found.version, details or reason),
    )
