"""`watched`: a function whose every call is a step of progress and a point of cancellation."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from medview.core.errors import UsageError
from medview.core.progress import CancelToken

F = TypeVar("F", bound=Callable[..., Any])


def watched(
    call: F, total: int, *, start: float, token: CancelToken, progress: Callable[[float], None]
) -> F:
    """Wrap a function whose calls share what is left of the bar.

    Parameters
    ----------
    call : callable
    total : int
        Calls there will be.
    start : float
        Where the bar is now, 0..1.
    token : CancelToken
        Looked at before each call.
    progress : callable
        Told the fraction after each call; further calls than `total` leave it at 1.

    Raises
    ------
    UsageError
        If `total` is not positive.
    """
    if total < 1:
        raise UsageError(f"Progress is watched over one or more calls, not {total}.")
    count = itertools.count(1)

    @functools.wraps(call, updated=())
    def step(*args: Any, **kwargs: Any) -> Any:
        token.check()
        result = call(*args, **kwargs)
        progress(start + (1 - start) * min(1.0, next(count) / total))
        return result

    return cast("F", step)
