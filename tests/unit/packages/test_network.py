"""The network takes two: a card that asks, and a person who agreed to just that."""

from __future__ import annotations

import json
import os
import socket

import numpy as np
import pytest

from medview.app.cli import main
from medview.app.cli.environment import Environment
from medview.config.store import load_settings
from medview.core.data.intensity import Intensity
from medview.core.data.source import SourceInfo
from medview.core.data.volume import Volume
from medview.core.geometry.affine import compose
from medview.core.geometry.grid import Grid
from medview.host.call import run_model
from tests.fake_models import PlainContext
from tests.unit.packages.wheels import card, hooks, wheel

TRIES = """import socket
    try:
        socket.create_connection(("127.0.0.1", {port}), 2).close()
        told = 1.0
    except OSError:
        told = 0.0"""


@pytest.fixture
def server():
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


@pytest.fixture
def asking(tmp_path, server):
    """A wheel whose model asks for the network, and tells whether it has one."""
    text = hooks("asks", TRIES.format(port=server.getsockname()[1]))
    text = text.replace("weights=()", "weights=(), network=True")
    files = {"asks/__init__.py": text, "asks/medview_card.json": card("asks", network=True)}
    return wheel(
        tmp_path, "asks", files=files, requires=["medview-imaging"], entries={"asks": "asks"}
    )


@pytest.fixture
def connects(medview_home):
    """Whether the installed model reaches the server now."""
    grid = Grid((2, 3, 4), compose((0, 0, 0), np.eye(3)[:, ::-1], (1, 1, 1)), "1.2.3")
    info = SourceInfo("volume", modality="CT", intensity=Intensity.HOUNSFIELD)
    volume = Volume(np.zeros((2, 3, 4), np.int16), grid, info)

    def ask() -> tuple[bool, str]:
        environment = Environment(dict(os.environ))
        try:
            handle = environment.catalogue.handle("asks")
            (item,) = run_model(handle, volume, None, PlainContext()).items
            return bool(item.items[0].value), handle.isolation  # type: ignore[union-attr]
        finally:
            environment.close()

    return ask


def test_agreeing_to_a_package_is_not_agreeing_to_the_network(medview, asking, connects):
    ended = medview("plugins", "install", asking, "--yes")
    assert ended.code == 0, ended.err
    assert "asks for the network while it runs" in ended.err
    assert "medview plugins network asks --allow" in ended.err
    reached, runs_in = connects()
    assert not reached
    assert "no network" in runs_in


def test_a_consent_is_given_told_and_taken_back(medview, asking, connects):
    assert medview("plugins", "install", asking, "--yes").code == 0
    assert "you have not agreed" in medview("plugins", "network", "asks").out
    assert medview("plugins", "network", "asks", "--allow").code == 0
    reached, runs_in = connects()
    assert reached
    assert "a process of its own, with network, as agreed" in runs_in
    assert "may use it" in medview("plugins", "network", "asks").out
    assert medview("plugins", "network", "asks", "--deny").code == 0
    assert not connects()[0]


def test_a_consent_beforehand_ends_with_the_package(medview, asking, folders):
    ended = medview("plugins", "install", asking, "--yes", "--allow-network", "--json")
    assert ended.code == 0, ended.err
    assert "as agreed" in json.loads(ended.out)["models"][0]["isolation"]
    assert load_settings(folders.settings_file).settings.models.network == ("asks/asks",)
    assert medview("plugins", "remove", "asks").code == 0
    assert load_settings(folders.settings_file).settings.models.network == ()


def test_a_model_that_does_not_ask_cannot_be_agreed_to(medview, folders):
    ended = medview("plugins", "network", "lung-segmentation", "--allow")
    assert ended.code == 2
    assert "does not ask" in ended.err
    assert load_settings(folders.settings_file).settings.models.network == ()


def test_on_a_terminal_the_network_is_a_question_of_its_own(
    medview_home, asking, monkeypatch, capsys, connects
):
    answers = ["y\n", "n\n"]
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin.readline", lambda: answers.pop(0))
    assert main(["plugins", "install", str(asking), "--offline"], Environment()) == 0
    assert "May the model 'asks' use the network?" in capsys.readouterr().err
    assert answers == []
    assert not connects()[0]
