"""Packages that were made to break in: each is refused in a sentence, and nothing is installed."""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from medview.host.packages.errors import PackageError
from medview.host.packages.installer import install, prepared
from medview.host.packages.places import Places
from medview.host.packages.stage import require_harmless_wheel
from medview.host.packages.static import offer_of_wheel
from tests.unit.packages.wheels import card, hooks, model_wheel, source_folder, wheel


def refusal(path: Path, store) -> PackageError:
    """Why it is not installed, before pip or anything of it is run."""
    with pytest.raises(PackageError) as caught, prepared(str(path), Places()) as chosen:
        install(chosen, store, lambda generation: pytest.fail("it was installed"))
    assert store.index().packages == {}
    return caught.value


def rewritten(path: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The archive with members changed, or left out where `change` gives None."""
    with zipfile.ZipFile(path) as source:
        members = {info.filename: source.read(info) for info in source.infolist()}
    with zipfile.ZipFile(path, "w") as target:
        for name, content in members.items():
            new = change(name, content)
            if new is not None:
                target.writestr(name, new)
    return path


def without(left_out: str, name: str, content: bytes) -> bytes | None:
    """For `rewritten`: all but one member."""
    return None if name == left_out else content


# ---- wheels that are none, or lie ---------------------------------------------------------------


def test_a_wheel_whose_record_lies_about_a_file_is_refused(tmp_path, store):
    path = rewritten(
        model_wheel(tmp_path, "lies"),
        lambda name, content: content + b"\n#" if name == "lies/__init__.py" else content,
    )
    assert refusal(path, store).code == "package-record"


def test_a_file_that_no_record_lists_is_refused(tmp_path, store):
    path = model_wheel(tmp_path, "stowaway")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("stowaway/more.py", "VALUE = 1\n")
    assert refusal(path, store).code == "package-record"


def test_a_record_that_lists_what_is_not_there_or_in_weak_hashes_is_refused(tmp_path, store):
    def without_card(name: str, content: bytes) -> bytes | None:
        return None if name.endswith("medview_card.json") else content

    def weak(name: str, content: bytes) -> bytes:
        return content.replace(b"sha256=", b"md5=") if name.endswith("RECORD") else content

    for number, change in enumerate((without_card, weak)):
        path = rewritten(model_wheel(tmp_path / str(number), "gap"), change)
        assert refusal(path, store).code == "package-record"


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"PK\5\6" + bytes(18), b"not a zip" * 1000, b"PK\3\4" + bytes(5000)]
)
def test_what_is_no_wheel_is_told_so(tmp_path, store, content):
    path = tmp_path / "odd-1.0-py3-none-any.whl"
    path.write_bytes(content)
    assert refusal(path, store).message


def test_a_wheel_cut_off_anywhere_is_refused_and_never_a_defect(tmp_path, store):
    whole = model_wheel(tmp_path, "cut").read_bytes()
    path = tmp_path / "cut-1.0-py3-none-any.whl"
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        refusal(path, store)


def test_a_wheel_with_any_byte_flipped_is_refused_or_the_same(tmp_path):
    path = model_wheel(tmp_path, "flipped")
    whole, there = path.read_bytes(), contents(path)
    shown = offer_of_wheel(path)
    refused = 0
    for place in range(0, len(whole), 61):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            offer = offer_of_wheel(path)
            require_harmless_wheel(path)
        except PackageError:
            refused += 1
            continue
        # What RECORD does not vouch for is RECORD itself: only its own hash may be another.
        now = contents(path)
        assert {name: now.get(name) for name in there} == there
        assert offer.as_kind("wheel", shown.sha256, shown.size_bytes) == shown
    assert refused > len(whole) / 61 / 2


def contents(path: Path) -> dict[str, bytes]:
    """What is in an archive, by name."""
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("member", ["METADATA", "packed/__init__.py"])
def test_a_damaged_member_is_told_of_whatever_it_is_packed_with(tmp_path, store, method, member):
    path = model_wheel(tmp_path, "packed")
    members = contents(path)
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content + b"#" * 300 if name.endswith(".py") else content)
    with zipfile.ZipFile(path) as archive:
        (info,) = (i for i in archive.infolist() if i.filename.endswith(member))
    whole = bytearray(path.read_bytes())
    start = info.header_offset + 30 + len(info.filename)
    for place in range(start + 4, start + info.compress_size):
        whole[place] ^= 0x55
    path.write_bytes(whole)
    assert refusal(path, store).message


def test_a_project_file_nested_without_end_is_told_of(tmp_path, store):
    folder = source_folder(tmp_path / "deep", "deep")
    (folder / "pyproject.toml").write_text(f"x = {'[' * 20_000}", "utf-8")
    assert "damaged" in refusal(folder, store).message


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_a_file_whose_name_is_no_text_is_told_of(tmp_path, store):
    folder = source_folder(tmp_path / "odd", "odd")
    (Path(os.fsdecode(os.fsencode(folder) + b"/\xff.txt"))).write_text("x", "utf-8")
    assert refusal(folder, store).code == "package-file-name"


def test_a_list_of_entry_points_that_is_no_text_is_told_of(tmp_path, store):
    path = rewritten(
        model_wheel(tmp_path, "blurred"),
        lambda name, content: b"\xff\xfe[" if name.endswith("entry_points.txt") else content,
    )
    assert refusal(path, store).message


# ---- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["medview_imaging", "Medview.Imaging", "medview", "MEDVIEW"])
def test_no_package_can_call_itself_medview(medview, tmp_path, store, name):
    files = {"other/__init__.py": hooks("other"), "other/medview_card.json": card("other")}
    path = wheel(tmp_path, name, "99.0", files=files, entries={"other": "other"})
    ended = medview("plugins", "install", path, "--yes")
    assert ended.code == 5
    assert "comes from its own installation only" in ended.err
    assert store.index().packages == {}


@pytest.mark.parametrize("model", ["../../evil", "a b", "x/y", "con", "a" * 200, "\x1b[2Jclean"])
def test_the_id_of_a_model_is_a_plain_name(tmp_path, store, model):
    files = {"odd/__init__.py": hooks("odd"), "odd/medview_card.json": card(model)}
    path = wheel(tmp_path, "odd", files=files, entries={model: "odd"})
    assert refusal(path, store).code == "package-model-ids"


def test_a_card_cannot_name_weights_that_lie_elsewhere(add, tmp_path):
    weights = "(WeightsFile('../../evil.sh', '0' * 64, 'CC0-1.0', 5),)"
    with pytest.raises(PackageError, match="without folders"):
        add(model_wheel(tmp_path, "reaches", text=hooks("reaches", weights=weights)))


def test_a_package_of_two_hundred_models_is_refused(tmp_path, store):
    names = [f"model-{number}" for number in range(200)]
    cards = {f"many/{name}/medview_card.json": card(name) for name in names}
    files = {"many/__init__.py": "", **cards}
    path = wheel(tmp_path, "many", files=files, entries=dict.fromkeys(names, "many"))
    assert refusal(path, store).code == "package-too-many-models"
    one = {"many/__init__.py": "", "many/medview_card.json": json.dumps([*map(_card, names)])}
    path = wheel(tmp_path / "one", "many", files=one, entries=dict.fromkeys(names, "many"))
    assert refusal(path, store).code == "package-too-many-models"
    bare = wheel(tmp_path / "bare", "many", entries=dict.fromkeys(names, "many"))
    assert refusal(bare, store).code == "package-model-ids"


def _card(name: str) -> object:
    return json.loads(card(name))


def test_what_a_package_says_of_itself_steers_no_terminal(medview, tmp_path):
    steering = "Fine\x1b[2J\x1b]0;title\x07 \u202etxt.exe"
    files = {
        "paints/__init__.py": hooks("paints"),
        "paints/medview_card.json": card("paints", title=steering, publisher=steering),
    }
    path = wheel(tmp_path, "paints", files=files, entries={"paints": "paints"})
    told = medview("plugins", "install", path).err
    assert "Fine" in told
    assert not {"\x1b", "\x07", "\u202e"} & set(told)


# ---- dependencies -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked", ["ext-lib @ https://example.org/x.whl", "ext-lib @ git+https://example.org/x.git"]
)
def test_a_dependency_from_an_address_is_refused_before_anything_is_fetched(tmp_path, store, asked):
    path = model_wheel(tmp_path, "fetches", requires=[asked])
    assert refusal(path, store).code == "package-direct-reference"


def test_a_dependency_of_a_dependency_from_an_address_is_refused_too(add, store, tmp_path):
    other = wheel(tmp_path / "other", "other-lib", "1.0")
    house = tmp_path / "house"
    wheel(house, "ext-lib", "1.0", requires=[f"other-lib @ {other.as_uri()}"])
    with pytest.raises(PackageError) as caught:
        add(model_wheel(tmp_path, "twice", requires=["ext-lib"]), house)
    assert caught.value.code == "package-direct-reference"
    assert store.index().packages == {}


def test_a_name_that_pth_files_of_the_application_import_is_not_taken_before_the_worker_is_confined(
    add, store, tmp_path
):
    marker = tmp_path / "marker"
    taken = f"import pathlib; pathlib.Path({str(marker)!r}).write_text('early')\n"
    extra = {
        f"{name}/__init__.py": taken + "def add_shim(): ...\n"
        for name in ("_distutils_hack", "_virtualenv")
    }
    extra["early.pth"] = taken.strip()
    made = add(model_wheel(tmp_path, "early", extra=extra))
    assert (store.site(made.id) / "early.pth").is_file()
    assert not marker.exists()


# ---- folders ------------------------------------------------------------------------------------


def test_a_link_in_a_folder_is_not_followed(add, store, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret", "utf-8")
    folder = source_folder(tmp_path / "linked", "linked")
    (folder / "src" / "linked" / "link.txt").symlink_to(secret)
    (folder / "src" / "linked" / "linked_folder").symlink_to(tmp_path)
    made = add(folder)
    site = store.site(made.id) / "linked"
    assert (site / "__init__.py").is_file()
    assert not (site / "link.txt").exists()
    assert not (site / "linked_folder").exists()


# ---- packs --------------------------------------------------------------------------------------


@pytest.fixture
def pack(medview, tmp_path) -> Path:
    path = model_wheel(tmp_path, "packed")
    assert medview("plugins", "install", path, "--yes").code == 0
    target = tmp_path / "pack.zip"
    assert medview("plugins", "pack", "packed", "-o", target).code == 0
    assert medview("plugins", "remove", "packed").code == 0
    return target


def test_a_pack_is_refused_with_a_member_more_or_less_changed_or_out_of_place(pack, store):
    import hashlib

    whole = pack.read_bytes()
    with zipfile.ZipFile(pack) as archive:
        manifest = json.loads(archive.read("medview_pack.json"))
        for member in manifest["members"]:
            content = archive.read(member["path"])
            assert hashlib.sha256(content).hexdigest() == member["sha256"]
            assert len(content) == member["size_bytes"]
        listed = {member["path"] for member in manifest["members"]}
        assert listed == set(archive.namelist()) - {"medview_pack.json"}

    def manifest_with(change: dict[str, object]) -> bytes:
        return json.dumps({**manifest, **change}).encode()

    escapes = [{**manifest["members"][0], "path": "wheels/../../evil.whl"}]
    for name, content in {
        "wheels/more-1.0-py3-none-any.whl": b"x",
        "weights/packed/evil.pt": b"x",
        "../evil.whl": b"x",
        "medview_pack.json": manifest_with({"members": escapes, "plugin": escapes[0]["path"]}),
        "medview_pack.json ": b"{",
    }.items():
        pack.write_bytes(whole)
        rewritten(pack, partial(without, name))
        with zipfile.ZipFile(pack, "a") as archive:
            archive.writestr(name, content)
        assert refusal(pack, store).code in ("package-pack", "package-archive")
        assert not (pack.parent / "evil.whl").exists()
    pack.write_bytes(whole)
    rewritten(pack, lambda n, c: None if n.endswith(".whl") else c)
    refusal(pack, store)
