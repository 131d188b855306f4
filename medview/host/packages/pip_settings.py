"""The places that this person's pip is set up with: a mirror of the institution, a wheelhouse."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from medview.core.printable import printable
from medview.core.redaction import scrubbed
from medview.host.packages.errors import PackageError, disk_told
from medview.host.packages.pip import search_path
from medview.host.packages.places import Places, is_local
from medview.host.packages.scratch import scratch_folder

_COMMANDS = ("install", "download", "wheel")
"""The commands of pip that medview uses; the settings of the first one count most."""
_ORDER = ("global", *reversed(_COMMANDS), ":env:")
_LINE = re.compile(rf"({'|'.join(_ORDER)})\.([A-Za-z-]+)=(.*)")
_TRUE = frozenset({"y", "yes", "t", "true", "on", "1"})
_LIMIT_S = 60


def configured_places(environ: Mapping[str, str] = os.environ) -> Places:
    """What this person's pip is set up with.

    Nothing else of pip's configuration counts for medview. pip is asked in an empty folder of
    its own: in the working folder, which may be a stranger's, Python would import its modules.

    Raises
    ------
    PackageError
        Code ``package-pip-settings``: pip cannot read them. Without them the public index would
        be asked where a mirror, or no index at all, is prescribed.
    """
    with disk_told("Reading what pip is set up with"), scratch_folder() as empty:
        here = Path.cwd()
        command = [sys.executable, "-P", "-s", "-m", "pip", "--disable-pip-version-check"]
        try:
            run = subprocess.run(  # noqa: S603  our own interpreter and its pip
                [*command, "config", "list"],
                capture_output=True,
                stdin=subprocess.DEVNULL,
                cwd=empty,
                env=_environment(environ, here),
                check=False,
                timeout=_LIMIT_S,
            )
        except subprocess.TimeoutExpired as error:
            raise _unreadable(f"pip did not answer within {_LIMIT_S} s") from error
    if run.returncode != 0:
        told = run.stderr.decode("utf-8", "replace").strip().splitlines() or ["pip failed"]
        raise _unreadable(scrubbed(told[-1].removeprefix("ERROR:").strip())[:300])
    return places_of_configuration(run.stdout.decode("utf-8", "replace"), here)


def places_of_configuration(listing: str, folder: Path) -> Places:
    """Read the lines of ``pip config list``, e.g. ``global.find-links='/wheels'``.

    Parameters
    ----------
    listing : str
    folder : Path
        Where relative names of files and folders begin.

    Raises
    ------
    PackageError
        If a value is not as pip writes them.
    """
    found: dict[str, dict[str, str]] = {section: {} for section in _ORDER}
    for line in listing.splitlines():
        if match := _LINE.fullmatch(line.strip()):
            try:
                found[match[1]][match[2].lower()] = str(ast.literal_eval(match[3]))
            except (ValueError, SyntaxError) as error:
                raise _unreadable(f"the value of '{match[2]}' is none") from error

    def value(option: str, sections: tuple[str, ...] = _ORDER) -> str:
        values = [found[name][option] for name in sections if option in found[name]]
        return values[-1] if values else ""

    # Where one of the commands must not ask an index, none does.
    without_index = any(
        value("no-index", ("global", command, ":env:")).lower() in _TRUE for command in _COMMANDS
    )
    return Places(
        online=not without_index,
        index_url=value("index-url"),
        extra_index_urls=tuple(value("extra-index-url").split()),
        find_links=tuple(_absolute(p, folder) for p in value("find-links").split()),
        trusted_hosts=tuple(value("trusted-host").split()),
        cert=_absolute(value("cert"), folder) if value("cert") else "",
        proxy=value("proxy"),
    )


def _environment(environ: Mapping[str, str], here: Path) -> dict[str, str]:
    file = environ.get("PIP_CONFIG_FILE", os.devnull)
    return {
        **environ,
        **({"PIP_CONFIG_FILE": str(here / file)} if file != os.devnull else {}),
        # The listing is what is read: it must neither be silenced nor embellished.
        "PIP_QUIET": "0",
        "PIP_VERBOSE": "0",
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "PYTHONPATH": search_path(),
        "PYTHONSAFEPATH": "1",
    }


def _absolute(place: str, folder: Path) -> str:
    # pip itself runs in a folder of its own, where a relative name would lead nowhere.
    if not is_local(place) or urlsplit(place).scheme == "file":
        return place
    return str(folder / Path(place).expanduser())


def _unreadable(why: str) -> PackageError:
    return PackageError(
        f"What pip is set up with on this computer cannot be read: {printable(why)}. Put its "
        "configuration right (see: pip config debug); until then nothing is fetched.",
        code="package-pip-settings",
    )
