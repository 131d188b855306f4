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
# Drawing without a display in the tests. Newer releases no longer have it; EGL serves there.
OSMESA = "libOSMesa.so.8"
OFFSCREEN: Mapping[str, str] = {OSMESA: "libosmesa6"}


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


def _has_package(name: str) -> bool:
    asked = subprocess.run(["apt-cache", "show", name], capture_output=True, check=False)
    return asked.returncode == 0


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


def ensure_libraries(*, offscreen: bool) -> None:
    """Install what Qt and VTK need from the system, where this is Linux and it is missing.

    Parameters
    ----------
    offscreen : bool
        Try to get what the tests prefer for drawing without a display, too.

    Raises
    ------
    LibrariesMissing
        With the exact line to type, where this user may not install packages,
        or with the names of the libraries where there is no apt-get.
    """
    if not sys.platform.startswith("linux"):
        return
    wanted = {**DRAWING, **WINDOW}
    packages = missing_packages(wanted)
    if not has_venv_module() and Path("/etc/debian_version").exists():
        packages = (f"python{sys.version_info[0]}.{sys.version_info[1]}-venv", *packages)
    optional = missing_packages(OFFSCREEN) if offscreen else ()
    if shutil.which("apt-get") is None:
        if packages:
            absent = ", ".join(name for name in wanted if not loads(name))
            raise LibrariesMissing(
                f"These system libraries are missing: {absent}. Install them with this system's "
                "package manager, then run the same command again."
            )
        return
    if packages or optional:
        _get(packages, optional)


def _get(packages: tuple[str, ...], optional: tuple[str, ...]) -> None:
    """Install with apt-get, or raise with the line to type."""
    allowed, sudo = _may_install()
    if allowed:
        _apt(["update"], sudo=sudo)
    # Asked after the update: a fresh system knows no package before it.
    available = tuple(name for name in optional if _has_package(name))
    chosen = (*packages, *available)
    if allowed and chosen:
        print(f"Installing system libraries: {' '.join(chosen)}", flush=True)
        done = _apt(install_line(chosen, sudo=False)[1:], sudo=sudo)
        if done.returncode == 0:
            return
        print(done.stdout[-2000:], done.stderr[-2000:], sep="\n", file=sys.stderr)
    if packages:
        raise LibrariesMissing(
            "System libraries are missing. Type this line, then run the same command again:\n\n    "
            + " ".join(install_line(chosen, sudo=sudo))
        )


def _apt(words: list[str], *, sudo: bool) -> subprocess.CompletedProcess[str]:
    # -n: never wait for a password. sudo drops the environment, so it is set behind it.
    prefix = ["sudo", "-n"] if sudo else []
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    command = [*prefix, *quiet, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)
