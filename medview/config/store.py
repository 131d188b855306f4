"""Read and write the settings file: whole or not at all, and never lost to a mistake in it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from medview.config.decode import decode, encode
from medview.config.migrate import MIGRATIONS, Migration, NewerSchemaError, migrate, schema_number
from medview.config.paths import make_private
from medview.config.schema import Settings
from medview.core.errors import MedviewError
from medview.core.notice import Notice


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and what has to be said about the file they came from."""

    settings: Settings
    notices: tuple[Notice, ...] = ()


def load_settings(path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> Loaded:
    """Read settings; no state of the file can stop the application from starting.

    A file that cannot be understood is kept beside as ``settings.json.broken``
    (``settings.json.newer`` if a newer medview wrote it) and defaults are used.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Loaded(Settings())
    except (OSError, UnicodeDecodeError) as error:
        if isinstance(error, UnicodeDecodeError):
            return _set_aside(path, "broken", "is damaged")
        return Loaded(Settings(), (_unreadable(error),))
    try:
        record = json.loads(text)
        if not isinstance(record, dict):
            return _set_aside(path, "broken", "is damaged")
        record = migrate(record, migrations)
    except NewerSchemaError:
        return _set_aside(path, "newer", "was written by a newer medview")
    except (ValueError, KeyError, TypeError, RecursionError):
        return _set_aside(path, "broken", "is damaged")
    wrong: list[str] = []
    settings = decode(Settings, record, wrong.append)
    notices = tuple(
        Notice(
            "setting-ignored",
            f"The setting '{name}' has a value that medview does not know; its default is used.",
        )
        for name in wrong
    )
    return Loaded(settings, notices)


def save_settings(path: Path, settings: Settings) -> None:
    """Write settings so that a crash or a full disk leaves the old file or the new one.

    The file is readable by this user alone, because recent items may name patients.

    Raises
    ------
    MedviewError
        Code ``settings-not-saved``.
    """
    record = {"schema": schema_number(), **encode(settings)}
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    try:
        make_private(path.parent)
        # mkstemp opens with mode 0600, and the rename keeps it.
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise MedviewError(
            f"The settings could not be saved ({error.strerror or 'no reason given'}). "
            "They hold for this session only. Check that the disk has room and that the folder "
            "of medview's settings is writable.",
            code="settings-not-saved",
        ) from error


def _set_aside(path: Path, suffix: str, what: str) -> Loaded:
    kept = path.with_name(f"{path.name}.{suffix}")
    try:
        path.replace(kept)
        where = f"It is kept as {kept.name}"
    except OSError:
        where = "It could not be moved aside"
    message = f"The settings file {what}. {where}; medview starts with its default settings."
    return Loaded(Settings(), (Notice(f"settings-{suffix}", message),))


def _unreadable(error: OSError) -> Notice:
    return Notice(
        "settings-unreadable",
        f"The settings file cannot be read ({error.strerror or 'no reason given'}); "
        "medview starts with its default settings.",
    )
