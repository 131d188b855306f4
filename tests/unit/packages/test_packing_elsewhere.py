"""A pack for another platform holds what is known to be needed there, or is refused."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from packaging.markers import Marker

from medview.app.controllers.packages import packing
from medview.host.packages.errors import PackageError
from medview.host.packages.pip import PipFailed
from medview.host.packages.places import Places
from medview.host.packages.platforms import markers_of, require_whole
from medview.host.packages.records import Locked
from tests.unit.packages.wheels import model_wheel, wheel

THERE = "win_amd64" if sys.platform != "win32" else "manylinux2014_x86_64"
SYSTEM = "win32" if sys.platform != "win32" else "linux"


@pytest.mark.parametrize(
    ("platform", "marker"),
    [
        (
            "win_amd64",
            "sys_platform == 'win32' and platform_machine == 'AMD64' and os_name == 'nt'",
        ),
        ("macosx_11_0_arm64", "platform_system == 'Darwin' and platform_machine == 'arm64'"),
        ("manylinux_2_28_aarch64", "sys_platform == 'linux' and platform_machine == 'aarch64'"),
        ("manylinux2014_x86_64", "os_name == 'posix' and platform_machine == 'x86_64'"),
    ],
)
def test_markers_are_those_of_the_platform(platform, marker):
    assert Marker(marker).evaluate(markers_of(platform))


def test_what_only_the_other_platform_needs_is_refused_where_it_was_not_resolved(tmp_path):
    made = model_wheel(tmp_path, "bone", requires=[f"ext-lib>=2 ; sys_platform == '{SYSTEM}'"])
    for known in ({}, {"ext-lib": "1.0"}):
        with pytest.raises(PackageError, match=f"On {THERE} 'bone' needs ext-lib>=2") as caught:
            require_whole([made], known, THERE)
        assert caught.value.code == "package-other-system"
    require_whole([made], {"ext-lib": "2.1"}, THERE)


def test_what_only_this_platform_needs_is_not_asked_for(tmp_path):
    here = [f"ext-lib ; sys_platform == '{sys.platform}'", "more-lib ; extra == 'all'"]
    require_whole([model_wheel(tmp_path, "bone", requires=here)], {}, THERE)


@pytest.fixture
def asked(monkeypatch):
    """Whoever asks for a wheel, and where; nothing is had."""
    calls: list[tuple[str, bool]] = []

    def run_pip(arguments, *, places, **_):
        assert arguments[arguments.index("--python-version") + 1] == "3.11"
        calls.append((arguments[-1], places.online))
        raise PipFailed("Nothing is there.", "")

    monkeypatch.setattr(packing, "run_pip", run_pip)
    monkeypatch.setattr("platform.python_version_tuple", lambda: ("3", "11", "7"))
    return calls


def fetch(tmp_path, wheels, locked, online=True):
    return packing._for_platform(
        wheels, locked, (), THERE, Places(online=online), tmp_path, lambda *_: None
    )


def test_the_package_itself_is_never_looked_up(asked, tmp_path):
    made = wheel(tmp_path, "private", tag="cp311-cp311-linux_x86_64")
    with pytest.raises(PackageError, match="'private' itself has parts that were compiled"):
        fetch(tmp_path, [made], [])
    assert asked == []


@pytest.mark.parametrize(("origin", "online"), [("index", True), ("file", False)])
def test_what_came_from_a_folder_is_looked_for_in_folders_alone(asked, tmp_path, origin, online):
    made = model_wheel(tmp_path, "bone", requires=["ext-lib"])
    needed = wheel(tmp_path, "ext-lib", "1.2", tag="cp311-cp311-linux_x86_64")
    locked = [Locked("ext-lib", "1.2", "", origin)]
    with pytest.raises(PackageError, match=f"'ext-lib 1.2' for {THERE} cannot be had") as caught:
        fetch(tmp_path, [made, needed], [*locked, replace(locked[0], name="bone")])
    assert caught.value.code == "package-other-system"
    assert asked == [("ext-lib==1.2", online)]


def test_a_platform_that_nobody_knows_is_wrong_usage(medview, tmp_path):
    target = tmp_path / "pack.zip"
    ended = medview("plugins", "pack", "lung-segmentation", "-o", target, "--platform", "amiga")
    assert ended.code == 2
    assert "'amiga' is no platform" in ended.err
    assert not target.exists()
