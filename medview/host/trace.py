"""Tell each hook call, its result and its time (MEDVIEW_TRACE_PLUGINS=1); for authors."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pluggy

TraceFn = Callable[[str], None]
"""Receives one line for each event."""


def trace_calls(manager: pluggy.PluginManager, model_id: str, write: TraceFn) -> None:
    """Report every hook call of one plugin's manager.

    Arguments and results are named by their type alone: a description of a
    source must not reach a log.
    """
    started: dict[str, float] = {}

    def before(hook: str, _methods: Any, kwargs: Any) -> None:
        started[hook] = time.perf_counter()
        given = ", ".join(f"{name}: {type(value).__name__}" for name, value in kwargs.items())
        write(f"{model_id}: {hook}({given})")

    def after(outcome: pluggy.Result[Any], hook: str, _methods: Any, _kwargs: Any) -> None:
        seconds = time.perf_counter() - started.pop(hook, time.perf_counter())
        error = outcome.exception
        told = f"raised {type(error).__name__}" if error else type(outcome.get_result()).__name__
        write(f"{model_id}: {hook} -> {told} in {seconds * 1000:.1f} ms")

    manager.add_hookcall_monitoring(before, after)
