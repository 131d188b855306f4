"""Settings survive a restart, a crash while writing, and any mistake in their file."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medview.config.decode import decode, encode
from medview.config.migrate import NewerSchemaError, migrate, schema_number
from medview.config.schema import (
    RECENT_LIMIT,
    ModelSettings,
    ReadingSettings,
    RecentItems,
    Settings,
    WindowSettings,
)
from medview.config.store import load_settings, save_settings
from medview.core.errors import MedviewError

some_settings = st.builds(
    Settings,
    recent=st.builds(RecentItems, paths=st.lists(st.text(), max_size=4).map(tuple)),
    window=st.builds(
        WindowSettings, geometry=st.text(), theme=st.sampled_from(["dark", "light", "system"])
    ),
    reading=st.builds(ReadingSettings, show_identifiers=st.booleans()),
    models=st.builds(
        ModelSettings,
        disabled=st.lists(st.text(), max_size=3).map(tuple),
        reproducible=st.booleans(),
    ),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "settings.json"


def codes(path: Path) -> list[str]:
    return [notice.code for notice in load_settings(path).notices]


@given(some_settings)
def test_settings_come_back_as_they_were(settings: Settings) -> None:
    wrong: list[str] = []
    assert decode(Settings, json.loads(json.dumps(encode(settings))), wrong.append) == settings
    assert wrong == []


def test_a_saved_file_is_read_again(path: Path) -> None:
    settings = Settings(models=ModelSettings(disabled=("lung-segmentation",), device="cpu"))
    save_settings(path, settings)
    assert load_settings(path).settings == settings
    assert codes(path) == []


def test_the_first_start_has_defaults_and_nothing_to_say(path: Path) -> None:
    assert load_settings(path).settings == Settings()
    assert codes(path) == []


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_no_other_user_can_read_the_recent_items(path: Path) -> None:
    save_settings(path, Settings())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "content",
    [b"{", b"[1, 2]", b"\xff\xfe\x00", b"", b"null", b'{"schema": "1"}', b'{"schema": 0}', b"{}"],
)
def test_a_damaged_file_is_kept_aside_and_said(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    loaded = load_settings(path)
    assert loaded.settings == Settings()
    assert [notice.code for notice in loaded.notices] == ["settings-broken"]
    assert path.with_name("settings.json.broken").read_bytes() == content
    assert not path.exists()


def test_a_file_of_a_newer_medview_is_never_written_over(path: Path) -> None:
    path.parent.mkdir()
    path.write_text(json.dumps({"schema": schema_number() + 1, "models": {"device": "cpu"}}))
    assert codes(path) == ["settings-newer"]
    save_settings(path, Settings())
    kept = json.loads(path.with_name("settings.json.newer").read_text())
    assert kept["models"] == {"device": "cpu"}


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("models", "reproducible", 1),
        ("models", "disabled", "lung-segmentation"),
        ("models", "disabled", [1]),
        ("window", "theme", "pink"),
        ("window", "geometry", None),
        ("reading", "mouse_profile", ["window-left"]),
    ],
)
def test_one_wrong_value_costs_that_value_alone(
    path: Path, section: str, name: str, value: Any
) -> None:
    kept = Settings(recent=RecentItems(("/a",)), models=ModelSettings(device="cpu"))
    save_settings(path, kept)
    record = json.loads(path.read_text())
    record[section][name] = value
    path.write_text(json.dumps(record))
    loaded = load_settings(path)
    assert loaded.settings == kept
    assert [notice.code for notice in loaded.notices] == ["setting-ignored"]
    assert f"{section}.{name}" in loaded.notices[0].message


def test_a_section_of_the_wrong_kind_costs_that_section_alone(path: Path) -> None:
    save_settings(path, Settings(models=ModelSettings(device="cpu")))
    record = json.loads(path.read_text())
    record["window"] = 7
    path.write_text(json.dumps(record))
    assert load_settings(path).settings.models.device == "cpu"
    assert codes(path) == ["setting-ignored"]


def test_unknown_settings_are_passed_over(path: Path) -> None:
    save_settings(path, Settings())
    record = json.loads(path.read_text())
    path.write_text(json.dumps({**record, "later": {"a": 1}}))
    assert load_settings(path).settings == Settings()
    assert codes(path) == []


def test_a_failed_write_leaves_the_old_file_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Settings(models=ModelSettings(device="cpu"))
    save_settings(path, old)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(MedviewError, match="No space left") as caught:
        save_settings(path, Settings())
    assert caught.value.code == "settings-not-saved"
    monkeypatch.undo()
    assert load_settings(path).settings == old
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


def test_migrations_run_in_order_from_the_number_of_the_file() -> None:
    steps = (
        lambda record: {**record, "trail": [*record.get("trail", []), "1 to 2"]},
        lambda record: {**record, "trail": [*record.get("trail", []), "2 to 3"]},
    )
    assert migrate({"schema": 1}, steps) == {"schema": 3, "trail": ["1 to 2", "2 to 3"]}
    assert migrate({"schema": 2}, steps) == {"schema": 3, "trail": ["2 to 3"]}
    assert migrate({"schema": 3}, steps) == {"schema": 3}
    with pytest.raises(NewerSchemaError):
        migrate({"schema": 4}, steps)


def test_a_migration_that_meets_the_unexpected_counts_as_a_damaged_file(path: Path) -> None:
    path.parent.mkdir()
    path.write_text(json.dumps({"schema": 1}))

    def needs_models(record: dict[str, Any]) -> dict[str, Any]:
        return {**record, "models": {"device": record["models"]["device"]}}

    loaded = load_settings(path, (needs_models,))
    assert [notice.code for notice in loaded.notices] == ["settings-broken"]


def test_recent_items_are_newest_first_without_repeats_and_bounded() -> None:
    recent = RecentItems()
    for number in range(RECENT_LIMIT + 5):
        recent = recent.with_opened(f"/scan/{number}")
    recent = recent.with_opened("/scan/10")
    assert recent.paths[:2] == ("/scan/10", f"/scan/{RECENT_LIMIT + 4}")
    assert len(recent.paths) == len(set(recent.paths)) == RECENT_LIMIT
    assert "/scan/10" not in recent.without("/scan/10").paths


def test_changing_one_section_leaves_the_others() -> None:
    settings = replace(Settings(), window=WindowSettings(theme="light"))
    assert settings.models == Settings().models
