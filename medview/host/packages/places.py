"""`Places`: where packages may come from, as options and variables of pip."""

from __future__ import annotations

from collections.abc import Iterable
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
        """What of it pip takes on its command line: folders, whose names may have spaces."""
        links = [f"--find-links={p}" for p in self.find_links if is_local(p)]
        return links if self.online else ["--no-index", *links]

    def variables(self) -> dict[str, str]:
        """What of it pip takes from its environment, which other users of a computer cannot read.

        Addresses may hold passwords, and a command line is shown to everyone.
        """
        if not self.online:
            return {}
        found = {
            "PIP_INDEX_URL": self.index_url,
            "PIP_EXTRA_INDEX_URL": " ".join(self.extra_index_urls),
            "PIP_FIND_LINKS": " ".join(p for p in self.find_links if not is_local(p)),
            "PIP_TRUSTED_HOST": " ".join(self.trusted_hosts),
            "PIP_CERT": self.cert,
            "PIP_PROXY": self.proxy,
        }
        return {name: value for name, value in found.items() if value}

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


def is_local(place: str) -> bool:
    """Whether a place of pip's is a folder or a ``file:`` address."""
    # One letter is a Windows drive, not a scheme.
    return urlsplit(place).scheme in ("", "file") or len(urlsplit(place).scheme) == 1
