"""Whether a model that was told to use the CPU asks for a GPU all the same."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

_QUESTIONS = (
    ("torch.cuda", "is_available"),
    ("torch.cuda", "device_count"),
    ("torch.cuda", "current_device"),
    ("torch.backends.mps", "is_available"),
)
_TEXTS = ("CUDA", "cuda", "NVIDIA driver", "MPS backend", "mps device", "'mps'", "HIP error")


@contextmanager
def watched_gpu(package: str) -> Iterator[list[str]]:
    """Note what a package asks torch about GPUs while the block runs.

    Which device a model runs on is for the host to say, in ``ctx.device``. A
    model that looks for itself goes to a GPU that it was not given, and this
    shows on a computer that has none, too.

    Parameters
    ----------
    package : str
        Top-level name of the model's package: what libraries ask for
        themselves is theirs.
    """
    notes: list[str] = []
    torch = sys.modules.get("torch")
    if torch is None:
        yield notes
        return
    was_used = bool(torch.cuda.is_initialized())
    with ExitStack() as stack:
        for module, name in _QUESTIONS:
            owner = sys.modules.get(module)
            if owner is not None and hasattr(owner, name):
                asked = _noting(getattr(owner, name), f"{module}.{name}()", package, notes)
                stack.enter_context(patch.object(owner, name, asked))
        yield notes
    if not was_used and torch.cuda.is_initialized():
        notes.append("the GPU itself")


def asks_for_gpu(error: BaseException | None) -> bool:
    """Whether an error, or what caused it, is that of a GPU that is not there."""
    seen = 0
    while error is not None and seen < 16:
        known = type(error).__name__ in ("RuntimeError", "AssertionError", "AcceleratorError")
        if known and any(text in str(error) for text in _TEXTS):
            return True
        error, seen = error.__cause__ or error.__context__, seen + 1
    return False


def _noting(
    call: Callable[..., Any], words: str, package: str, notes: list[str]
) -> Callable[..., Any]:
    @functools.wraps(call)
    def noted(*args: Any, **kwargs: Any) -> Any:
        name = str(sys._getframe(1).f_globals.get("__name__", ""))
        if name.partition(".")[0] == package and words not in notes:
            notes.append(words)
        return call(*args, **kwargs)

    return noted
