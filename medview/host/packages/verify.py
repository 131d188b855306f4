"""Whether an installed generation is still what was installed."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from medview.host.packages.errors import PackageError
from medview.host.packages.records import Generation
from medview.host.packages.sealed import listed_files, present_files
from medview.host.packages.store import PackageStore


def problems_of(store: PackageStore, generation: Generation) -> tuple[str, ...]:
    """What is wrong with a generation, one sentence each; reads all its files in full."""
    return (*changes_of(store, generation), *_other_versions(generation))


def changes_of(store: PackageStore, generation: Generation) -> tuple[str, ...]:
    """Whether each file is there that was installed, as it was, and no other; in sentences."""
    return tuple(_changes(store, generation))


def _changes(store: PackageStore, generation: Generation) -> Iterator[str]:
    place = store.place(generation.id)
    if not store.site(generation.id).is_dir():
        yield "Its directory is gone."
        return
    try:
        listed, present = listed_files(place, generation), present_files(place)
    except PackageError as error:
        yield error.message
        return
    except OSError as error:
        yield f"Its files cannot be read: {error.strerror or type(error).__name__}."
        return
    name = f"{generation.distribution} {generation.version}"
    if changed := sum(present.get(path) != sha256 for path, sha256 in listed.items()):
        files, are = ("One file", "was") if changed == 1 else (f"{changed} files", "were")
        gone = "is gone" if changed == 1 else "are gone"
        yield f"{files} of '{name}' {are} changed or {gone}."
    if added := len(present.keys() - listed.keys()):
        files, are = ("One file", "was") if added == 1 else (f"{added} files", "were")
        yield f"{files} {are} added to '{name}' after it was installed."


def _other_versions(generation: Generation) -> Iterator[str]:
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
