"""What packages need on another platform, as far as that can be told from this one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.markers import default_environment
from packaging.requirements import InvalidRequirement, Requirement

from medview.core.errors import UsageError
from medview.host.discovery import normalised
from medview.host.packages.errors import PackageError
from medview.host.packages.static import offer_of_wheel

_WINDOWS = {"win32": "x86", "win_amd64": "AMD64", "win_arm64": "ARM64"}
_MACOS = re.compile(r"macosx_\d+_\d+_(x86_64|arm64)")
_LINUX = re.compile(r"(?:linux|manylinux\d+|manylinux_\d+_\d+|musllinux_\d+_\d+)_(\w+)")


def markers_of(platform: str) -> dict[str, str]:
    """What markers see there, by their names (PEP 508); the Python is the running one.

    Parameters
    ----------
    platform : str
        As pip names it, e.g. ``win_amd64``.

    Raises
    ------
    UsageError
        For a platform of which that is not known.
    """
    if (machine := _WINDOWS.get(platform)) is not None:
        found = ("nt", "win32", "Windows", machine)
    elif (match := _MACOS.fullmatch(platform)) is not None:
        found = ("posix", "darwin", "Darwin", match[1])
    elif (match := _LINUX.fullmatch(platform)) is not None:
        found = ("posix", "linux", "Linux", match[1])
    else:
        raise UsageError(
            f"'{platform}' is no platform that medview knows. Examples: win_amd64, "
            "macosx_11_0_arm64, manylinux2014_x86_64.",
            code="unknown-platform",
        )
    names = ("os_name", "sys_platform", "platform_system", "platform_machine")
    here = {name: str(value) for name, value in default_environment().items()}
    return {
        **here,
        **dict(zip(names, found, strict=True)),
        "platform_release": "",
        "platform_version": "",
        "extra": "",
    }


def require_whole(wheels: Iterable[Path], known: Mapping[str, str], platform: str) -> None:
    """Refuse wheels that, by their markers, need there what was not resolved here.

    Parameters
    ----------
    wheels : iterable of Path
    known : mapping of str to str
        Version of each distribution that they have: of these wheels, and of the application.
    platform : str

    Raises
    ------
    PackageError
        Code ``package-other-system``.
    """
    there = markers_of(platform)
    for wheel in wheels:
        offer = offer_of_wheel(wheel)
        for text in offer.requires:
            try:
                wanted = Requirement(text)
            except InvalidRequirement:
                continue
            if wanted.marker is not None and not wanted.marker.evaluate(there):
                continue
            version = known.get(normalised(wanted.name))
            if version is None or not wanted.specifier.contains(version, prereleases=True):
                raise PackageError(
                    f"On {platform} '{offer.distribution}' needs {wanted.name}"
                    f"{wanted.specifier}, which was not resolved on this computer, so the pack "
                    "would not be whole. Install and pack it on such a computer.",
                    code="package-other-system",
                )
