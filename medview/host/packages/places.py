"""`Places`: where packages may come from, and the ones that this person's pip is set up with."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Places:
    """Indexes and folders of wheels.

    Attributes
    ----------
    online : bool
        Whether an index may be asked at all.
    index_url : str
        Empty for the public one.
    extra_index_urls, find_links, trusted_hosts : tuple of str
    cert, proxy : str
        Empty where pip's own choice holds.
    """

    online: bool = False
    index_url: str = ""
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    cert: str = ""
    proxy: str = ""

    def options(self) -> list[str]:
        """The same as options of pip."""
        links = [f"--find-links={p}" for p in self.find_links if self.online or _is_local(p)]
        if not self.online:
            return ["--no-index", *links]
        options = [f"--index-url={self.index_url}"] if self.index_url else []
        options += [f"--extra-index-url={url}" for url in self.extra_index_urls]
        options += [f"--trusted-host={host}" for host in self.trusted_hosts]
        options += [f"--cert={self.cert}"] if self.cert else []
        options += [f"--proxy={self.proxy}"] if self.proxy else []
        return [*options, *links]

    def with_folders(self, folders: Iterable[Path]) -> Places:
        """With further folders of wheels."""
        return replace(self, find_links=(*self.find_links, *map(str, folders)))

    @property
    def offline(self) -> Places:
        """The same without any index."""
        return replace(self, online=False)

    @property
    def words(self) -> str:
        """Where packages come from, for people; without addresses' passwords."""
        folders = "folders of wheels on this computer" if self.find_links else ""
        if not self.online:
            return folders or "nowhere: offline"
        index = urlsplit(self.index_url).hostname or "this computer" if self.index_url else ""
        index = f"the package index ({index or 'pypi.org'})"
        return f"{folders}, else {index}" if folders else index


def configured_places(environ: Mapping[str, str] = os.environ) -> Places:
    """What this person's pip is set up with: a mirror of the institution, a wheelhouse.

    Nothing else of pip's configuration counts for medview.
    """
    run = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"],
        capture_output=True,
        text=True,
        env=dict(environ),
        check=False,
        timeout=60,
    )
    return places_of_configuration(run.stdout)


def places_of_configuration(listing: str) -> Places:
    """Read the lines of ``pip config list``, e.g. ``global.find-links='/wheels'``."""
    found: dict[str, str] = {}
    for line in listing.splitlines():
        name, equals, value = line.partition("=")
        scope, _, option = name.strip().rpartition(".")
        # pip lists environment variables first, and lets them win.
        if equals and scope in ("global", "install", "user", "site", ":env:"):
            value = value.strip().strip("'\"").encode().decode("unicode_escape")
            if scope == ":env:" or found.get(option) is None:
                found[option] = value
    no_index = found.get("no-index", "").lower() in ("1", "true", "yes", "on")
    return Places(
        online=not no_index,
        index_url=found.get("index-url", ""),
        extra_index_urls=tuple(found.get("extra-index-url", "").split()),
        find_links=tuple(found.get("find-links", "").split()),
        trusted_hosts=tuple(found.get("trusted-host", "").split()),
        cert=found.get("cert", ""),
        proxy=found.get("proxy", ""),
    )


def _is_local(place: str) -> bool:
    # One letter is a Windows drive, not a scheme.
    return urlsplit(place).scheme in ("", "file") or len(urlsplit(place).scheme) == 1
