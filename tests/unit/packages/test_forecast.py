"""What is foretold of an installation before anyone agrees."""

from __future__ import annotations

from medview.app.controllers.packages.forecast import forecast

HERE = {"numpy": "2.4.1", "torch": "2.13.0", "my-tool": "1.0"}


def test_what_the_application_has_is_told_as_shared():
    told = forecast(["numpy>=2", "My_Tool"], HERE)
    assert (told.shared, told.missing, told.contradicting) == (("numpy", "My_Tool"), (), ())
    assert told.words == "a directory of its own; what it needs is shared with the application"


def test_what_the_application_lacks_is_named():
    told = forecast(["numpy", "rare>=3", "rarer"], HERE)
    assert told.missing == ("rare>=3", "rarer")
    assert "with rare>=3 and rarer; the rest is shared" in told.words


def test_a_contradiction_means_a_complete_set_and_both_versions_are_told():
    told = forecast(["numpy<2", "rare"], HERE)
    assert told.contradicting == ("numpy<2 (the application has 2.4.1)",)
    assert "complete set" in told.words


def test_needs_of_other_systems_and_extras_do_not_count():
    assert forecast(['rare; sys_platform == "plan9"', 'rarer; extra == "x"'], HERE).missing == ()
