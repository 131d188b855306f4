"""Which devices a model can run on, told without importing torch."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from medview.core.errors import UsageError

DeviceKind = Literal["cpu", "cuda", "mps"]


@dataclass(frozen=True, slots=True)
class Device:
    """Something that can compute.

    Attributes
    ----------
    id : str
        ``"cpu"``, ``"cuda:N"`` or ``"mps"``.
    kind : {"cpu", "cuda", "mps"}
    name : str
        For people.
    memory_bytes : int or None
        In all, where known.
    """

    id: str
    kind: DeviceKind
    name: str
    memory_bytes: int | None = None


def list_devices() -> tuple[Device, ...]:
    """Devices that a model of this installation can use, best first; the CPU is always last.

    CUDA devices are asked of the NVIDIA driver itself, and count only where
    the installed torch is built for CUDA and the driver is new enough for it.
    That takes milliseconds; importing torch takes seconds and holds the
    interpreter, which a classical model must never pay for.
    """
    return (*_cuda_devices(), *_mps_devices(), Device("cpu", "cpu", "CPU"))


def choose_device(request: str = "auto", *, uses_gpu: bool = True) -> str:
    """Choose the device to run on.

    Parameters
    ----------
    request : str
        ``"auto"``, ``"cpu"``, ``"cuda"``, ``"cuda:N"`` or ``"mps"``.
    uses_gpu : bool
        Whether the model's card says that a GPU helps; if not, ``"auto"`` is the CPU.

    Returns
    -------
    str
        ``"cpu"``, ``"cuda:N"`` or ``"mps"``.

    Raises
    ------
    UsageError
        If there is no such device here or the request cannot be read.
    """
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?|mps", request):
        raise UsageError(f"'{request}' is no device; use auto, cpu, cuda, cuda:N or mps.")
    if request == "cpu" or (request == "auto" and not uses_gpu):
        return "cpu"
    known = [d.id for d in list_devices()]
    if request == "auto":
        return known[0]
    wanted = "cuda:0" if request == "cuda" else request
    if wanted not in known:
        raise UsageError(
            f"Device '{request}' is not available here; there is {', '.join(known)}.",
            code="device-missing",
        )
    return wanted


def _cuda_devices() -> tuple[Device, ...]:
    runtime = _torch_cuda_version()
    if runtime is None or os.environ.get("CUDA_VISIBLE_DEVICES", "0") in ("", "-1"):
        return ()
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return ()
    version, count = ctypes.c_int(), ctypes.c_int()
    # All calls return 0 for success (CUresult, CUDA driver API).
    if driver.cuInit(0) or driver.cuDriverGetVersion(ctypes.byref(version)):
        return ()
    if version.value // 1000 < runtime or driver.cuDeviceGetCount(ctypes.byref(count)):
        return ()
    return tuple(_cuda_device(driver, n) for n in range(count.value))


def _cuda_device(driver: ctypes.CDLL, number: int) -> Device:
    handle, name, size = ctypes.c_int(), ctypes.create_string_buffer(128), ctypes.c_size_t()
    known = driver.cuDeviceGet(ctypes.byref(handle), number) == 0
    if known:
        driver.cuDeviceGetName(name, len(name), handle)
        driver.cuDeviceTotalMem_v2(ctypes.byref(size), handle)
    title = name.value.decode("ascii", "replace") or "NVIDIA GPU"
    return Device(f"cuda:{number}", "cuda", title, size.value or None)


def _torch_cuda_version() -> int | None:
    """Major version of the CUDA that the installed torch is built for; None without."""
    folder = _torch_folder()
    if folder is None:
        return None
    try:
        text = (folder / "version.py").read_text("utf-8")
    except OSError:
        return None
    found = re.search(r"^cuda\b[^=]*=\s*['\"](\d+)", text, re.MULTILINE)
    return int(found[1]) if found else None


def _torch_folder() -> Path | None:
    # find_spec of a top-level name looks for the package and runs nothing of it.
    spec = importlib.util.find_spec("torch")
    return Path(spec.origin).parent if spec and spec.origin else None


def _mps_devices() -> tuple[Device, ...]:
    # Every torch wheel for Apple silicon brings Metal, which needs macOS 12.3.
    if sys.platform != "darwin" or platform.machine() != "arm64" or _torch_folder() is None:
        return ()
    version = tuple(int(n) for n in platform.mac_ver()[0].split(".")[:2] if n.isdigit())
    return (Device("mps", "mps", "Apple GPU"),) if version >= (12, 3) else ()
