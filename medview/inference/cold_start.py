"""First import of torch and MONAI without holding the interpreter for long.

Done plainly in a worker thread, these imports freeze every other thread for
200 to 400 ms at a time, because two things hold the interpreter: the dynamic
loader, while it relocates torch's libraries inside ``import``, and full passes
of the garbage collector over the million objects that the imports make. Here
the libraries are loaded by a foreign ``dlopen``, which lets other threads run,
and the collector rests meanwhile. Measured on Linux, two cores, torch 2.13 and
MONAI 1.6: the longest hold falls from 230-390 ms to 45-70 ms on a busy machine
(30-40 ms on a quiet one), and a full pass afterwards from 190-260 ms to nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import importlib.util
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

_LIBRARIES = ("torch_global_deps", "c10", "torch_cpu", "c10_cuda", "torch_cuda")
"""In the order of their dependencies; not torch_python, which may call the interpreter."""

_lock = threading.Lock()


def import_torch() -> ModuleType:
    """Import torch; quick once it is loaded. Safe to call from several threads.

    Raises
    ------
    ImportError
        If torch is not installed.
    """
    (torch,) = _import("torch")
    return torch


def import_monai(*names: str) -> tuple[ModuleType, ...]:
    """Import MONAI, and torch before it.

    Parameters
    ----------
    *names : str
        Modules below ``monai``, e.g. ``"networks.nets"``; none means the package itself.

    Returns
    -------
    tuple of module
        One for each name, or the package alone.

    Raises
    ------
    ImportError
        If MONAI or one of its modules is not installed.
    """
    return _import("torch", *(f"monai.{name}" for name in names or ("",)))[1:]


def _import(*names: str) -> tuple[ModuleType, ...]:
    names = tuple(name.rstrip(".") for name in names)
    if any(name not in sys.modules for name in names):
        with _lock, _resting_collector():
            if "torch" not in sys.modules:
                _load_libraries()
            return tuple(importlib.import_module(name) for name in names)
    return tuple(importlib.import_module(name) for name in names)


@contextlib.contextmanager
def _resting_collector() -> Iterator[None]:
    """Keep the garbage collector from running, now or later, over what is imported inside.

    Freezing afterwards is what makes this lasting: otherwise the first pass
    after `gc.enable` would go over all new objects in one piece, and so would
    every full pass from then on. What is frozen is still freed as soon as
    nothing refers to it; only cycles that exist at this moment stay.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()


def _load_libraries() -> None:
    """Load torch's shared libraries while other threads go on.

    Where one is absent or does not load, nothing is lost: the import that
    follows loads it in its own way or says what is wrong.
    """
    if sys.platform == "win32":
        return  # torch registers folders of DLLs before it loads them; there is no safe shortcut.
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return
    suffix = "dylib" if sys.platform == "darwin" else "so"
    # A function called through CDLL releases the interpreter; the CDLL constructor does not.
    dlopen = ctypes.CDLL(None).dlopen
    dlopen.restype = ctypes.c_void_p
    dlopen.argtypes = [ctypes.c_char_p, ctypes.c_int]
    for name in _LIBRARIES:
        path = Path(spec.origin).parent / "lib" / f"lib{name}.{suffix}"
        if path.exists():
            dlopen(os.fsencode(path), os.RTLD_LAZY)
