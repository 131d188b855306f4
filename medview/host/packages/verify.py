"""Whether an installed generation is still what was installed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from medview.core.printable import one_line
from medview.host.discovery import Found
from medview.host.hashing import sha256_of
from medview.host.packages.errors import PackageError
from medview.host.packages.records import Generation
from medview.host.packages.sealed import SITE, listed_files, present_files
from medview.host.packages.store import PackageStore

REMEDY = "Install it again, from where it came: medview plugins install PATH or NAME."
_MOST_NAMED = 3
_CODE = frozenset({".py", ".json", ".yaml", ".yml", ".so", ".pyd", ".dll"})
_LARGE = 16 << 20
"""What is larger is left to the doctor, so that a run waits for some milliseconds at most."""


def require_unchanged_code(store: PackageStore, found: Found) -> None:
    """Refuse a model of which the code was changed after it was installed.

    Its own code is read, some milliseconds' worth; its weights are compared where they are
    loaded, and what it needs of others by the doctor. Where there is nothing to compare with, as
    of what an earlier medview installed, it passes.

    Raises
    ------
    PackageError
        Code ``package-changed``.
    """
    place = Path(found.site).parent
    try:
        package = store.index().packages.get(found.distribution)
    except PackageError:
        return  # A list of packages that was damaged meanwhile ends no session.
    known = package.generations if package is not None else ()
    generation = next((each for each in known if each.id == place.name), None)
    if generation is None or not generation.files_sha256:
        return
    top = found.target.partition(":")[0].strip().partition(".")[0]
    own = (f"{SITE}/{top}/", f"{SITE}/{top}.")
    listed = listed_files(place, generation)
    changed = [
        path
        for path, sha256 in listed.items()
        if path.startswith(own) and Path(path).suffix in _CODE
        if _was_changed(place / path, sha256)
    ]
    if changed:
        raise PackageError(
            f"'{found.distribution} {found.version}' was changed since it was installed, so its "
            f"code is not run: {_named(changed)}. {REMEDY}",
            code="package-changed",
        )


def _was_changed(path: Path, sha256: str) -> bool:
    if path.is_symlink():
        return not sha256.startswith("link to ")
    try:
        return path.stat().st_size <= _LARGE and sha256_of(path) != sha256
    except OSError:
        return True


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
    if changed := [path for path, sha256 in listed.items() if present.get(path) != sha256]:
        files, are = ("One file", "was") if len(changed) == 1 else (f"{len(changed)} files", "were")
        gone = "is gone" if len(changed) == 1 else "are gone"
        yield f"{files} of '{name}' {are} changed or {gone}: {_named(changed)}. {REMEDY}"
    if added := sorted(present.keys() - listed.keys()):
        files, are = ("One file", "was") if len(added) == 1 else (f"{len(added)} files", "were")
        yield f"{files} {are} added to '{name}' after it was installed: {_named(added)}. {REMEDY}"


def _named(paths: Iterable[str]) -> str:
    """The first few of these files, as they lie in the package."""
    names = [one_line(path.removeprefix(f"{SITE}/"), 120) for path in paths]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


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
