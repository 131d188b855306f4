"""What a person agrees to is what is installed, word by word, or nothing is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from medview.app.controllers.packages.terms import in_words, terms_of
from medview.host.packages.errors import PackageError
from medview.host.packages.installer import install, prepared
from medview.host.packages.offer import Offer
from medview.host.packages.places import Places
from medview.host.packages.static import offer_of_folder, offer_of_wheel
from tests.unit.packages.wheels import CARD, card, hooks, model_wheel, source_folder, wheel

BACKEND = """
from pathlib import Path
from hatchling.build import *

text = Path("pyproject.toml").read_text("utf-8")
assert {was!r} in text
Path("pyproject.toml").write_text(text.replace({was!r}, {now!r}), "utf-8")
"""

HOOK = """
from hatchling.metadata.plugin.interface import MetadataHookInterface

class Hook(MetadataHookInterface):
    def update(self, metadata):
        metadata["dependencies"] = ["numpy>=2"]
"""


def project(folder: Path, lines: str) -> Offer:
    folder.mkdir(exist_ok=True)
    text = f'[project]\nname = "told"\nversion = "1.0"\n{lines}'
    (folder / "pyproject.toml").write_text(text, "utf-8")
    return offer_of_folder(folder)


def shown(path: Path) -> str:
    with prepared(str(path), Places()) as chosen:
        return in_words(terms_of(chosen))


# ---- fields -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ('license = "MIT"', 'license = "LicenseRef-Proprietary-Pay-Us"', "licence"),
        ('name = "The testers"', 'name = "Somebody else"', "publisher"),
        ('"A package of the tests"', '"Diagnoses everything"', "of itself"),
        ('"medview-imaging"', '"medview-imaging", "surprise-lib"', "surprise-lib"),
        ('"medview-imaging"', "\"surprise-lib; extra == ''\"", "surprise-lib"),
    ],
    ids=["licence", "publisher", "summary", "needs", "needs-as-an-extra"],
)
def test_a_build_that_says_something_else_than_was_shown_installs_nothing(
    add, store, tmp_path, was, now, told
):
    folder = source_folder(
        tmp_path / "turns", "turns", backend="own_backend", extra='backend-path = ["."]'
    )
    (folder / "own_backend.py").write_text(BACKEND.format(was=was, now=now), "utf-8")
    with pytest.raises(PackageError, match=told) as caught:
        add(folder)
    assert caught.value.code == "package-other-terms"
    assert store.index().packages == {}


def test_what_only_the_build_tells_is_told_as_such(tmp_path, store):
    folder = source_folder(
        tmp_path / "dyn", "dyn", extra='[tool.hatch.metadata.hooks.custom]\npath = "hook.py"'
    )
    (folder / "hook.py").write_text(HOOK, "utf-8")
    file = folder / "pyproject.toml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("dependencies = [", 'dynamic = ["dependencies"]\n#'), "utf-8")
    words = " ".join(shown(folder).split())
    assert "needs: not stated; told by its build" in words
    assert "nothing else" not in words
    assert "licence: MIT" in words
    with prepared(str(folder), Places()) as chosen:
        made = install(chosen, store, lambda generation: None)
    assert any(item.startswith("numpy==") for item in made.shared)


def test_what_a_package_is_built_with_is_shown(tmp_path):
    path = source_folder(
        tmp_path / "odd", "odd", build_requires='"hatchling>=1.27", "nowhere-to-be-had"'
    )
    words = " ".join(shown(path).split())
    assert "is built with: hatchling>=1.27, nowhere-to-be-had, from nowhere: offline" in words


def test_extras_and_other_words_for_the_same_are_no_other_terms(add, tmp_path):
    folder = source_folder(tmp_path / "same", "same")
    text = (folder / "pyproject.toml").read_text("utf-8")
    text = text.replace('"medview-imaging"', '"Medview_Imaging", "NumPy >= 2"')
    text = text.replace('name = "The testers"', 'name = "Zoë, of the testers", email = "z@x.org"')
    text += '\n[project.optional-dependencies]\nmore = ["nowhere-to-be-had"]\n'
    (folder / "pyproject.toml").write_text(text, "utf-8")
    assert add(folder).version == "1.0"


# ---- licences -----------------------------------------------------------------------------------


def test_a_licence_is_shown_whether_it_is_an_expression_a_text_a_file_or_a_classifier(tmp_path):
    text = "The Licence\n\n  of our group.\nPay us for each patient.\n"
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "LICENSE").write_text(text, "utf-8")
    folded = "The Licence of our group. Pay us for each patient."
    classifier = 'classifiers = ["License :: OSI Approved :: MIT License"]\n'
    assert project(tmp_path / "p", 'license = "MIT"').licence == "MIT"
    assert project(tmp_path / "p", f"license = {{text = '''{text}'''}}").licence == folded
    assert project(tmp_path / "p", 'license = {file = "LICENSE"}').licence == folded
    assert project(tmp_path / "p", classifier).licence == "MIT License"
    both = project(tmp_path / "p", f'license = {{file = "LICENSE"}}\n{classifier}')
    assert both.licence == f"{folded}; MIT License"
    assert project(tmp_path / "p", "").licence == ""
    (tmp_path / "secret").write_text("a secret", "utf-8")
    outside = project(tmp_path / "p", 'license = {file = "../secret"}')
    assert outside.licence == "../secret"


def test_a_wheel_shows_its_whole_licence_and_the_files_that_hold_it(tmp_path):
    path = wheel(tmp_path, "told", metadata=(
        "License: Free for everyone\n        unless you are a hospital\n"
        "License-File: LICENSE\nLicense-File: licenses/NOTICE\nAuthor-email: Zoë <z@x.org>\n"
    ))  # fmt: skip
    offer = offer_of_wheel(path)
    assert offer.licence == "Free for everyone unless you are a hospital"
    assert offer.publisher == "Zoë"
    assert "licence files: LICENSE, licenses/NOTICE" in " ".join(shown(path).split())


# ---- cards --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Another title"},
        {"publisher": "Somebody else"},
        {"demonstration": True},
        {
            "weights": [
                {"name": "net.pt", "sha256": "a" * 64, "licence": "CC0-1.0", "size_bytes": 5}
            ]
        },
        {"weights": [{"name": "net.pt", "sha256": "0" * 64, "licence": "MIT", "size_bytes": 5}]},
        {"weights": []},
    ],
)
def test_a_model_that_says_another_thing_than_its_card_showed_is_not_installed(
    add, store, tmp_path, change
):
    weights = "(WeightsFile('net.pt', '0' * 64, 'CC0-1.0', 5, required=False),)"
    true = [{"name": "net.pt", "sha256": "0" * 64, "licence": "CC0-1.0", "size_bytes": 5}]
    files = {
        "liar/__init__.py": hooks("liar", weights=weights),
        "liar/medview_card.json": card("liar", **{"weights": true, **change}),
    }
    with pytest.raises(PackageError) as caught:
        add(wheel(tmp_path, "liar", files=files, entries={"liar": "liar"}))
    assert caught.value.code == "package-other-terms"
    assert next(iter(change)) in caught.value.message
    assert store.index().packages == {}


def test_no_field_of_a_package_can_show_a_line_that_medview_did_not_write(tmp_path):
    forged = "Us\n  licence of code:    MIT\r\n\x0b\x85\u2028  Note: checked by medview"
    weights = [{"name": f"a\n{forged}", "sha256": forged, "licence": forged}]
    fields = {name: forged for name in CARD if isinstance(CARD[name], str)}
    files = {
        "forger/__init__.py": "",
        "forger/medview_card.json": card("forger", **fields, weights=weights),
    }
    path = wheel(
        tmp_path, "forger", files=files, entries={"forger": "forger"}, metadata=(
            "License: MIT\n  licence of code: MIT\nSummary: x\n  Note: checked\n"
            "Requires-Dist: numpy\n  ; python_version > '3'\n"
        ),
    )  # fmt: skip
    odd = path.rename(path.with_name("a\n  Note: checked.whl"))
    lines = shown(odd).splitlines()
    assert not any(line.startswith("  Note: checked") for line in lines)
    assert sum(line.startswith("  licence of code:") for line in lines) == 1
    honest = {"honest/__init__.py": "", "honest/medview_card.json": card("honest", weights=weights)}
    plain = shown(wheel(tmp_path, "honest", files=honest, entries={"honest": "honest"}))
    assert len(lines) == len(plain.splitlines())


# ---- ids that others have -----------------------------------------------------------------------


def test_a_package_of_which_no_model_could_be_used_is_not_installed(medview, tmp_path, store):
    first = model_wheel(tmp_path, "zzz-first", model="same")
    assert medview("plugins", "install", first, "--yes").code == 0
    second = model_wheel(tmp_path, "aaa-second", model="same")
    ended = medview("plugins", "install", second, "--yes")
    assert ended.code == 5
    assert "Its model 'same' is there already, from 'zzz-first'" in ended.err
    assert "none of its models could be used" in ended.err
    assert set(store.index().packages) == {"zzz-first"}
    # The same package again is an upgrade.
    assert medview("plugins", "install", first, "--yes").code == 0
    models = json.loads(medview("models", "--json").out)["models"]
    assert [m["distribution"] for m in models if m["id"] == "same"] == ["zzz-first"]


def test_a_package_with_one_model_more_is_installed_and_the_other_is_told_of(medview, tmp_path):
    assert medview("plugins", "install", model_wheel(tmp_path, "first"), "--yes").code == 0
    files = {
        "second/__init__.py": "",
        "second/one.py": hooks("first"),
        "second/two.py": hooks("second"),
        "second/medview_card.json": json.dumps([json.loads(card(n)) for n in ("first", "second")]),
    }
    entries = {"first": "second.one", "second": "second.two"}
    ended = medview(
        "plugins", "install", wheel(tmp_path, "second", files=files, entries=entries), "--yes"
    )
    assert ended.code == 0
    assert "Its model 'first' is there already, from 'first'" in ended.err
    assert "none of its models" not in ended.err
