"""What a hook raised, as JSON: enough for the same report as if it had run in a thread."""

from __future__ import annotations

from typing import Any

from medview.core.errors import MedviewError, UnfitError, WeightsError
from medview.core.redaction import scrubbed
from medview.host.report import traceback_without_paths
from medview.jobs.ladder import is_out_of_memory

_MOST = 8000


def describe_failure(error: BaseException) -> dict[str, Any]:
    """The kind, type, sentence and trace of an exception, without paths."""
    told: dict[str, Any] = {
        "type": type(error).__name__,
        "text": scrubbed(_text(error))[:_MOST],
        "trace": _trace(error),
        "kind": _kind(error),
    }
    if isinstance(error, MedviewError):
        told["code"] = error.code
    return told


def _kind(error: BaseException) -> str:
    if is_out_of_memory(error):
        return "memory"
    if isinstance(error, UnfitError):
        return "unfit"
    if isinstance(error, WeightsError):
        return "weights"
    if isinstance(error, MedviewError):
        return "medview"
    return "exit" if isinstance(error, SystemExit) else "other"


def _text(error: BaseException) -> str:
    if isinstance(error, MedviewError):
        return error.message
    # The exception is foreign code too.
    try:
        return str(error)
    except Exception:  # noqa: BLE001
        return ""


def _trace(error: BaseException) -> str:
    try:
        return traceback_without_paths(error)[-_MOST:]
    except Exception:  # noqa: BLE001
        return ""
