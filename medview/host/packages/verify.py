"""Whether an installed generation is still what was installed."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path

from medview.host.discovery import normalised
from medview.host.packages.records import Generation
from medview.host.packages.store import PackageStore

_BLOCK = 4 << 20


def problems_of(store: PackageStore, generation: Generation) -> tuple[str, ...]:
    """What is wrong with a generation, one sentence each; reads all its files in full."""
    return tuple(_problems(store, generation))


def _problems(store: PackageStore, generation: Generation) -> Iterator[str]:
    site = store.site(generation.id)
    if not site.is_dir():
        yield "Its directory is gone."
        return
    found = {normalised(d.name): d for d in distributions(path=[str(site)])}
    for item in generation.locked:
        installed = found.get(item.name)
        if installed is None or installed.version != item.version:
            yield f"'{item.name} {item.version}' is not there any more."
            continue
        changed = 0
        for file in installed.files or ():
            if file.hash is None or file.hash.mode != "sha256" or ".." in file.parts:
                continue
            if "__pycache__" in file.parts:
                continue  # pip compiles anew what a wheel brings compiled, as numpy does
            if _digest(site / file) != file.hash.value:
                changed += 1
        if changed:
            files, are = ("One file", "was") if changed == 1 else (f"{changed} files", "were")
            gone = "is gone" if changed == 1 else "are gone"
            yield f"{files} of '{item.name} {item.version}' {are} changed or {gone}."
    for pin in generation.shared:
        name, _, wanted = pin.partition("==")
        try:
            now = version(name)
        except PackageNotFoundError:
            now = ""
        if now != wanted:
            yield (
                f"It was installed beside {name} {wanted} of the application, which now has "
                f"{now or 'none'}. Install it again."
            )


def _digest(path: Path) -> str:
    total = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                total.update(block)
    except OSError:
        return ""
    return base64.urlsafe_b64encode(total.digest()).rstrip(b"=").decode()
