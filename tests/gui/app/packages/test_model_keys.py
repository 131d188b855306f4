"""The keys Ctrl+Shift+1 to 9: each stays with its model, whatever is installed later."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytestqt.qtbot import QtBot

from medview.app.controllers.window.model_keys import keys_with
from medview.app.wiring import Desk
from medview.config.paths import find_folders
from medview.config.store import load_settings
from medview.host.packages.store import PackageStore
from tests.fake_models import GOOD_RUN, FakeSite
from tests.gui.app.packages.doing import card_of
from tests.unit.packages.placing import place
from tests.unit.packages.wheels import model_wheel


def test_a_model_keeps_its_key_when_others_come_before_it_in_the_alphabet() -> None:
    assert keys_with((), ["x/bone", "x/lung"], {"x/bone", "x/lung"}) == ("x/bone", "x/lung")
    there = ["y/airway", "x/bone", "x/lung"]
    assert keys_with(("x/bone", "x/lung"), there, set(there)) == ("x/bone", "x/lung", "y/airway")


def test_a_key_waits_for_a_model_that_is_gone_until_no_other_is_free() -> None:
    assert keys_with(("a", "b"), ["b", "c"], {"b", "c"}) == ("a", "b", "c")
    nine = tuple(f"m{number}" for number in range(9))
    assert keys_with(nine, ["new"], {*nine, "new"}) == nine
    present = {*nine, "new"} - {"m4"}
    assert keys_with(nine, ["new"], present) == (*nine[:4], "new", *nine[5:])


def test_a_model_that_is_left_out_of_a_session_keeps_its_key() -> None:
    assert keys_with(("a", "b"), [], {"a", "b"}) == ("a", "b")


def keys(desk: Desk) -> dict[str, str]:
    items = desk.commands.items()
    runs = [item for item in items if item.id.startswith("model.run.")]
    return {item.id.removeprefix("model.run."): "".join(item.shortcuts) for item in runs}


def test_a_model_that_is_installed_later_gets_the_next_key_also_in_the_next_session(
    opened, site: FakeSite, store: PackageStore, qtbot: QtBot, tmp_path: Path
) -> None:
    site.add(GOOD_RUN, model="zebra")
    desk = opened()
    card_of(desk, qtbot, "zebra")
    assert keys(desk) == {"zebra": "Ctrl+Shift+1"}
    place(store, model_wheel(tmp_path, "ant"))
    desk.packages.noticing.look()
    card_of(desk, qtbot, "ant")
    expected = {"zebra": "Ctrl+Shift+1", "ant": "Ctrl+Shift+2"}
    assert keys(desk) == expected
    qtbot.waitUntil(lambda: desk.background.is_idle, timeout=20_000)
    kept = load_settings(find_folders().settings_file).settings.models.keys
    assert kept == ("fake-bright/zebra", "ant/ant")
    second = opened()
    before = second.preferences.settings
    second.preferences.take(replace(before, models=replace(before.models, keys=kept)))
    card_of(second, qtbot, "ant")
    assert keys(second) == expected
