"""What can be taken back belongs to the pixels that it was done on, and to one act alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from medview.app.controllers.window.layers import LayerActs
from medview.app.controllers.window.navigator import Navigator
from medview.app.results import Results
from medview.app.session import Session, new_session
from medview.core.data.series import Series
from medview.core.data.volume import Volume
from medview.core.findings.labelmap import Label, LabelMap
from medview.core.geometry.grid import Grid
from medview.core.scene.layer import Layer
from medview.core.scene.scene import OpenSource
from medview.core.undo.commands import AddLayers, ChangeLayer, RemoveLayers

GRID = Grid((2, 3, 4), np.eye(4), "1")


def source(name: str) -> OpenSource:
    return OpenSource(name, Series(name, "volume"), "study", Volume(np.zeros(GRID.shape), GRID))


def layer(name: str, on: str = "ct") -> Layer:
    mask = np.zeros(GRID.shape, np.uint8)
    return Layer(name, on, LabelMap("Lungs", mask, (Label(1, "a", (1, 2, 3)),), GRID))


@pytest.fixture
def session() -> Session:
    session = new_session()
    session.scene.add_source(source("ct"))
    session.scene.add_source(source("mr"))
    return session


def test_results_on_old_pixels_do_not_come_back_on_those_that_were_read_again(
    session: Session,
) -> None:
    scene = session.scene
    added, removed = layer("added"), layer("removed")
    scene.add_layer(removed)
    session.undo.push(RemoveLayers(scene, (removed,), "Remove"))
    session.undo.push(AddLayers(scene, (added,), "Add"))
    session.undo.undo()

    scene.remove_source("ct")
    scene.add_source(source("ct"))
    session.undo.redo()
    session.undo.undo()

    assert scene.layers_of("ct") == ()
    assert (session.undo.undo_text, session.undo.redo_text) == (None, None)


def test_closing_one_series_leaves_what_was_done_on_another(session: Session) -> None:
    kept = layer("kept", on="mr")
    session.undo.push(AddLayers(session.scene, (kept,), "Add"))
    session.undo.push(ChangeLayer(kept, kept.state, kept.state, "Change"))
    session.scene.remove_source("ct")
    assert session.undo.undo_text == "Change"
    session.undo.undo()
    session.undo.undo()
    assert session.scene.layers_of("mr") == ()


def test_an_old_offer_to_undo_never_takes_back_a_later_act_of_the_same_name(
    session: Session,
) -> None:
    offers: list[Callable[[], None]] = []
    acts = LayerActs(
        session,
        Results(session.scene),
        Navigator(session, lambda plane: {}),
        offer_undo=lambda text, back: offers.append(back),
    )
    for name in ("first", "second"):
        session.scene.add_layer(layer(name))
    acts.remove(["first"])
    acts.remove(["second"])

    offers[0]()
    assert session.scene.layers_of("ct") == ()
    offers[1]()
    assert [one.id for one in session.scene.layers_of("ct")] == ["second"]
