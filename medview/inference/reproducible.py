"""Torch settings under which equal input gives equal output, held while a network runs."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from medview.core.runctx import RunContext

SEED = 0
_CUBLAS = "CUBLAS_WORKSPACE_CONFIG"


@contextmanager
def reproducibly(ctx: RunContext) -> Iterator[None]:
    """Run the block reproducibly if ``ctx.reproducible`` asks for it, else as it is.

    Then kernels are deterministic (one that has no such form raises
    RuntimeError rather than break the promise), float32 is computed as IEEE
    float32 and not as TF32, cuDNN does not choose kernels by trying them out, and torch's
    generators start from one seed and are put back afterwards. Blocks may
    be nested and may run on several threads: torch's settings are those of
    the whole process, and return to what they were when the last block ends.

    Notes
    -----
    Results are equal on one machine with one version of torch, and on the CPU
    with one number of threads; torch promises no more
    (pytorch.org/docs/stable/notes/randomness.html).
    """
    if not ctx.reproducible:
        yield
        return
    import torch

    devices = [ctx.device] if ctx.device.startswith("cuda") else []
    with _SETTINGS.held(), torch.random.fork_rng(devices):
        torch.manual_seed(SEED)
        yield


class _Settings:
    """Torch's process-wide settings, changed by the first that needs it and undone by the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders = 0
        self._undo = ExitStack()

    @contextmanager
    def held(self) -> Iterator[None]:
        with self._lock:
            if self._holders == 0:
                self._undo = _strict()
            self._holders += 1
        try:
            yield
        finally:
            with self._lock:
                self._holders -= 1
                if self._holders == 0:
                    self._undo.close()


_SETTINGS = _Settings()


def _strict() -> ExitStack:
    """Make torch strict; closing what is returned makes it as it was."""
    import torch

    cudnn: Any = torch.backends.cudnn
    matmul: Any = torch.backends.cuda.matmul
    undo = ExitStack()
    try:
        undo.callback(
            torch.use_deterministic_algorithms,
            torch.are_deterministic_algorithms_enabled(),
            warn_only=torch.is_deterministic_algorithms_warn_only_enabled(),
        )
        torch.use_deterministic_algorithms(True)
        for owner, name, value in (
            (cudnn, "benchmark", False),
            (cudnn, "deterministic", True),
            # The newer fp32_precision makes torch raise wherever a library reads allow_tf32.
            (matmul, "allow_tf32", False),
            (cudnn, "allow_tf32", False),
        ):
            undo.callback(_setter(owner, name, getattr(owner, name)))
            setattr(owner, name, value)
        # cuBLAS reads it when its first handle is made, and torch refuses to be strict without it.
        if _CUBLAS not in os.environ:
            os.environ[_CUBLAS] = ":4096:8"
            undo.callback(_forget, _CUBLAS)
    except BaseException:
        undo.close()
        raise
    return undo


def _setter(owner: object, name: str, value: object) -> Callable[[], None]:
    return lambda: setattr(owner, name, value)


def _forget(name: str) -> None:
    with contextlib.suppress(KeyError):
        del os.environ[name]
