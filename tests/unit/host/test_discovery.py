"""Discovery reads metadata alone, and says why a model may not be loaded."""

from __future__ import annotations

import sys

from medview.host.discovery import discover
from tests.fake_models import API, GOOD_RUN


def test_discovery_imports_nothing(site):
    module = site.add("raise RuntimeError('imported')", head=False)
    found = discover(frozenset({"fake-bright"}), installed=site.installed)
    assert [f.id for f in found] == ["bright"]
    assert module not in sys.modules


def test_a_found_model_names_its_package_version_and_module(site):
    module = site.add(GOOD_RUN, version="3.1")
    (found,) = discover(frozenset({"fake-bright"}), installed=site.installed)
    assert (found.distribution, found.version, found.api) == ("fake-bright", "3.1", API)
    assert found.target == module
    assert found.reason == ""


def test_a_third_party_model_needs_isolation(site):
    site.add(GOOD_RUN)
    (found,) = discover(installed=site.installed)
    assert "needs isolation" in found.reason


def test_a_first_party_model_may_be_loaded_whatever_the_spelling_of_its_package(site):
    site.add(GOOD_RUN, model="lung-segmentation", distribution="Medview_Lung.Segmentation")
    (found,) = discover(installed=site.installed)
    assert found.reason == ""
    assert found.distribution == "medview-lung-segmentation"


def test_a_model_for_a_later_contract_needs_a_newer_medview(site):
    site.add(GOOD_RUN, group="medview.model.v2")
    (found,) = discover(frozenset({"fake-bright"}), installed=site.installed)
    assert "newer medview" in found.reason
    assert "medview.model.v2" in found.reason


def test_other_entry_points_are_none_of_ours(site):
    groups = {"console_scripts": {"x": "y:z"}, "medview.model.v1.beta": {"x": "y"}}
    site.add_metadata("fake-tool", "1", groups)
    assert discover(frozenset({"fake-tool"}), installed=site.installed) == ()


def test_the_second_package_with_an_id_is_refused_and_names_the_first(site):
    site.add(GOOD_RUN, distribution="fake-a")
    site.add(GOOD_RUN, distribution="fake-b")
    first, second = discover(frozenset({"fake-a", "fake-b"}), installed=site.installed)
    assert (first.distribution, first.reason) == ("fake-a", "")
    assert second.distribution == "fake-b"
    assert "fake-a" in second.reason


def test_no_third_party_can_shadow_a_first_party_model(site):
    site.add(GOOD_RUN, model="lung-segmentation", distribution="a-decoy")
    site.add(GOOD_RUN, model="lung-segmentation", distribution="medview-lung-segmentation")
    first, second = discover(frozenset({"a-decoy"}), installed=site.installed)
    assert first.distribution == "medview-lung-segmentation"
    assert first.reason == ""
    assert "medview-lung-segmentation" in second.reason


def test_a_second_copy_of_a_package_on_the_path_does_not_count(site):
    site.add(GOOD_RUN)
    twice = [*site.installed, *site.installed]
    assert len(discover(frozenset({"fake-bright"}), installed=twice)) == 1
