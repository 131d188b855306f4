"""System libraries that Qt and VTK load: find the missing ones, install or name them."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

# Shared library as the loader knows it -> Debian's package. Debian releases whose packages carry
# a t64 suffix still provide these names.
DRAWING: Mapping[str, str] = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libXrender.so.1": "libxrender1",
    "libXext.so.6": "libxext6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
WINDOW: Mapping[str, str] = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
# Off-screen drawing without a display: what the render and gui tests use.
OFFSCREEN: Mapping[str, str] = {"libOSMesa.so.8": "libosmesa6"}


class LibrariesMissing(Exception):
    """System libraries are missing and may not be installed from here."""


def loads(soname: str) -> bool:
    """Whether the dynamic loader finds and opens `soname`."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def missing_packages(
    wanted: Mapping[str, str], *, loads: Callable[[str], bool] = loads
) -> tuple[str, ...]:
    """Names of the packages whose library does not load, in order and without repeats."""
    absent = (package for soname, package in wanted.items() if not loads(soname))
    return tuple(dict.fromkeys(absent))


def has_venv_module() -> bool:
    """Debian keeps ensurepip, without which venv cannot make an environment, apart."""
    return importlib.util.find_spec("ensurepip") is not None


def install_line(packages: tuple[str, ...], *, sudo: bool) -> list[str]:
    """The apt-get command that installs `packages`, as words."""
    prefix = ["sudo"] if sudo else []
    return [*prefix, "apt-get", "install", "-y", "--no-install-recommends", *packages]


def _may_install() -> tuple[bool, bool]:
    """(may run apt-get here, needs sudo for it)."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return True, False
    if shutil.which("sudo") is None:
        return False, True
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return asked.returncode == 0, True


def _apt(packages: tuple[str, ...], *, sudo: bool) -> bool:
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    prefix = ["sudo", "-n"] if sudo else []
    line = [*prefix, *install_line(packages, sudo=False)]
    for command in ([*prefix, "apt-get", "update"], line):
        done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
        if done.returncode != 0 and command is line:
            print(done.stdout[-2000:], done.stderr[-2000:], sep="\n", file=sys.stderr)
            return False
    return True


def ensure_libraries(*, tests: bool) -> None:
    """Install what Qt and VTK need from the system, where this is Linux and it is missing.

    Raises
    ------
    LibrariesMissing
        With the exact line to type, where this user may not install packages,
        or with the names of the libraries where there is no apt-get.
    """
    if not sys.platform.startswith("linux"):
        return
    wanted = {**DRAWING, **WINDOW, **(OFFSCREEN if tests else {})}
    packages = missing_packages(wanted)
    if not has_venv_module() and Path("/etc/debian_version").exists():
        packages = (f"python{sys.version_info[0]}.{sys.version_info[1]}-venv", *packages)
    if not packages:
        return
    if shutil.which("apt-get") is None:
        absent = ", ".join(name for name, package in wanted.items() if package in packages)
        raise LibrariesMissing(
            f"These system libraries are missing: {absent}. "
            "Install them with this system's package manager, then run the same command again."
        )
    allowed, sudo = _may_install()
    if allowed:
        print(f"Installing system libraries: {' '.join(packages)}", flush=True)
        if _apt(packages, sudo=sudo) and not missing_packages(wanted):
            return
    raise LibrariesMissing(
        "System libraries are missing. Type this line, then run the same command again:\n\n    "
        + " ".join(install_line(packages, sudo=sudo))
    )
