"""A name of a distribution is free to anyone, so it never stands for a model of another."""

from __future__ import annotations

import json
import zipfile

import pytest

from medview.app.controllers.packages.manage import Installed, named, own_package
from medview.core.errors import UsageError
from medview.host.packages.errors import PackageError
from medview.host.packages.records import Index, decode
from tests.unit.packages.placing import place
from tests.unit.packages.wheels import model_wheel

OURS = Installed(
    "medview-lung-segmentation", "1.0", None, ("lung-segmentation",), is_disabled=False
)


@pytest.fixture
def squatter(store, tmp_path):
    """A package that is called as a model of the application is."""
    place(store, model_wheel(tmp_path, "lung-segmentation", model="other"))
    package = store.index().packages["lung-segmentation"]
    return Installed("lung-segmentation", "1.0", package, ("other",), is_disabled=False)


def states(medview) -> dict[str, str]:
    listed = json.loads(medview("models", "--json").out)
    return {model["id"]: model["state"] for model in listed["models"]}


def test_an_id_means_the_package_that_brings_it(squatter):
    assert named([squatter, OURS], "lung-segmentation") is OURS
    assert named([squatter, OURS], "lung-segmentation/*") is squatter
    assert named([squatter, OURS], "lung-segmentation/other") is squatter
    assert named([squatter, OURS], "other") is squatter
    assert named([squatter, OURS], "medview_lung_segmentation") is OURS
    with pytest.raises(UsageError):
        named([squatter, OURS], "medview-lung-segmentation/other")


def test_what_can_be_removed_is_meant_where_only_that_can_be(squatter):
    assert own_package([squatter, OURS], "lung-segmentation") is squatter.package
    with pytest.raises(UsageError):
        own_package([OURS], "lung-segmentation")


def test_the_application_s_own_is_meant_where_another_brings_its_id(squatter):
    copy = Installed("aaa", "1.0", squatter.package, ("lung-segmentation",), is_disabled=False)
    assert named([copy, OURS], "lung-segmentation") is OURS


def test_a_model_stays_off_whatever_of_its_name_comes_and_goes(medview, store, tmp_path):
    assert medview("plugins", "disable", "lung-segmentation").code == 0
    assert store.index().disabled == {"medview-lung-segmentation/lung-segmentation"}
    place(store, model_wheel(tmp_path, "lung-segmentation", model="other"))
    assert states(medview)["other"] != "disabled"
    assert medview("plugins", "disable", "lung-segmentation/*").code == 0
    assert states(medview)["other"] == "disabled"
    assert medview("plugins", "remove", "lung-segmentation").code == 0
    assert states(medview)["lung-segmentation"] == "disabled"
    assert store.index().disabled == {"medview-lung-segmentation/lung-segmentation"}
    assert medview("plugins", "enable", "lung-segmentation").code == 0
    assert states(medview)["lung-segmentation"] != "disabled"


def test_what_was_switched_off_before_it_was_bound_stays_off(store, tmp_path):
    place(store, model_wheel(tmp_path, "bone", model="femur"))
    document = json.loads(store.index_file.read_text("utf-8"))
    document["schema"] = "medview.packages/1"
    for entry in document["packages"]:
        for generation in entry["generations"]:
            del generation["files_sha256"]
    for old, new in (
        ("femur", "bone/femur"),
        ("bone", "bone/*"),
        ("lung-segmentation", "lung-segmentation"),
    ):
        assert decode({**document, "disabled": [old]}).disabled == {new}


def test_a_roll_back_of_what_was_removed_elsewhere_says_so():
    with pytest.raises(PackageError) as caught:
        Index().rolled_back("bone")
    assert caught.value.code == "package-gone"


def test_what_is_installed_in_two_places_has_a_row_for_each_with_its_own_state(
    medview, store, tmp_path, monkeypatch
):
    wheel = model_wheel(tmp_path, "twice-there", model="twice")
    beside = tmp_path / "environment"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(beside)
    monkeypatch.syspath_prepend(str(beside))
    place(store, wheel)
    listed = json.loads(medview("plugins", "list", "--json").out)["packages"]
    rows = {row["installed"]: row for row in listed if row["distribution"] == "twice-there"}
    assert rows["with the application"]["models"][0]["state"] == "ready"
    [apart] = rows["apart"]["models"]
    assert apart["state"] == "incompatible"
    assert "that one is used" in apart["reason"]
    models = json.loads(medview("models", "--json").out)["models"]
    assert [m["state"] for m in models if m["id"] == "twice"] == ["ready", "incompatible"]
