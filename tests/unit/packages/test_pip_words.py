"""What pip says reaches people in plain words, and a missing network is told as such."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from medview.core.progress import ignore_progress
from medview.host.packages.errors import PackageError
from medview.host.packages.installer import prepared
from medview.host.packages.pip import IndexUnreached, run_pip
from medview.host.packages.pip_words import lacking, sentence_of, step_of, unreached
from medview.host.packages.places import Places
from tests.unit.packages.wheels import model_wheel, wheel

NOBODY = "http://127.0.0.1:9/simple"
"""An index at a port where nothing listens."""


@pytest.fixture
def empty_index() -> Iterator[str]:
    """An index that answers, and has no package of any name."""

    class Empty(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Empty)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/simple"
    server.shutdown()
    server.server_close()


def test_without_network_the_index_is_told_to_be_out_of_reach_and_what_it_was_needed_for(
    medview, store, tmp_path
):
    made = model_wheel(tmp_path, "wants", requires=("medview-imaging", "numpy==2.2.6"))
    ended = medview("plugins", "install", made, "--yes", "--index-url", NOBODY)
    assert ended.code == 5
    told = ended.err.splitlines()[-1]
    assert "The package index cannot be reached (127.0.0.1)" in told
    assert "numpy==2.2.6 is needed" in told
    assert "--find-links" in told
    assert "from versions" not in told
    assert store.index().packages == {}


@pytest.mark.parametrize(
    "output",
    [
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n",
        "ERROR: Exception:\nTraceback:\nOSError: [Errno 28] No space left on device: '/a/b'\n",
        "ERROR: Could not install packages due to an OSError: [WinError 112] There is not ...\n",
    ],
)
def test_a_full_disk_is_told_in_words(output):
    assert sentence_of(output) == "There is no room left on the disk. Make some, and try again."


def test_a_folder_of_the_name_that_is_no_package_is_spoken_of(empty_index, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "some-model").mkdir()
    assert "The folder 'some-model' that is here holds no package." in (
        refusal_of(empty_index).message
    )


def refusal_of(index_url: str) -> PackageError:
    """How asking an index for 'some-model' ends."""
    places = Places(online=True, index_url=index_url)
    with pytest.raises(PackageError) as caught, prepared("some-model", places):
        pass
    return caught.value


def test_a_name_on_an_index_out_of_reach_is_not_told_to_be_missing():
    error = refusal_of(f"http://someone:secret@{NOBODY[7:]}")
    assert error.code == "index-unreached"
    assert "cannot be reached (127.0.0.1)" in error.message
    assert "secret" not in error.message


def test_what_an_index_that_answers_does_not_have_is_told_to_be_missing(empty_index):
    error = refusal_of(empty_index)
    assert error.code == "package-not-found"
    assert "No wheel of 'some-model'" in error.message
    assert "reached" not in error.message


def test_only_where_no_index_answered_is_asking_again_of_no_use(tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    places = Places(online=True, index_url=NOBODY)
    with pytest.raises(IndexUnreached) as alone:
        run_pip(["download", "none"], places=places, scratch=scratch, progress=ignore_progress)
    assert alone.value.reached_none
    (scratch / "pip.log").write_text(
        "Could not fetch URL https://a.org/simple/x/: connection error: no - skipping\n"
        "2026-01-01T00:00:00 Fetched page https://b.org/simple/x/ as text/html\n",
        "utf-8",
    )
    assert unreached(scratch / "pip.log") == (("a.org",), False)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("connection error: HTTPSConnectionPool(host='a.org')", ("a.org",)),
        ("timed out", ("a.org",)),
        (
            "There was a problem confirming the ssl certificate: self-signed",
            ("a.org: its certificate is not trusted here",),
        ),
        ("401 Client Error: Unauthorized for url: https://a.org", ("a.org: it answered 401",)),
        ("(Caused by ResponseError('too many 503 error responses'))", ("a.org: it answered 503",)),
        ("404 Client Error: Not Found for url: https://a.org/x", ()),
    ],
)
def test_why_an_index_gave_no_answer_is_told_apart(tmp_path, reason, told):
    log = tmp_path / "pip.log"
    page = "https://someone:****@a.org/simple/x/"
    log.write_text(
        f"2026-01-01T00:00:00 Could not fetch URL {page}: {reason} - skipping\n", "utf-8"
    )
    assert unreached(log) == (told, bool(told))


def test_a_wheel_in_a_folder_that_is_another_package_is_told_of_once(medview, tmp_path):
    other = wheel(tmp_path / "made", "other", "2.0")
    house = tmp_path / "house"
    house.mkdir()
    other.rename(house / "wanted_lib-2.0-py3-none-any.whl")
    made = model_wheel(tmp_path, "asks", requires=("medview-imaging", "wanted-lib"))
    ended = medview("plugins", "install", made, "--yes", "--find-links", house)
    assert ended.code == 5
    told = ended.err.splitlines()[-1]
    assert told.count("invalid wheel") == 0
    assert told.count("The wheel that was found for 'wanted-lib'") == 1
    assert "Get that file again, or take it out of its folder" in told


def test_a_version_that_is_nowhere_is_told_with_those_that_are_there():
    said = (
        "ERROR: Could not find a version that satisfies the requirement numpy==9 (from seen==1.0)"
        " (from versions: 1, 2, 3, 4, 5, 6)\nERROR: No matching distribution found for numpy==9"
    )
    assert sentence_of(said) == (
        "No wheel of 'numpy==9' for this Python and system was found: there is 2, 3, 4, 5, 6."
    )
    assert lacking(said) == ("numpy==9",)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Collecting numpy==2.2.6 (from seen==1)", "Looking for numpy==2.2.6"),
        ("Preparing metadata (pyproject.toml): finished with status 'done'", "Reading what it"),
        ("  Downloading https://a.org/x/numpy-1-any.whl (5 MB)", "Getting numpy-1-any.whl"),
        ("Installing collected packages: a, b", "Installing a, b"),
        ("Requirement already satisfied: x", ""),
    ],
)
def test_steps_of_pip_are_told_in_plain_words(line, words):
    assert step_of(line).startswith(words)
    assert bool(step_of(line)) == bool(words)


def test_a_wheel_with_a_damaged_member_is_named_and_to_be_got_again(medview, tmp_path):
    made = model_wheel(tmp_path, "bitten")
    content = bytearray(made.read_bytes())
    at = content.index(b"Metadata-Version")
    content[at : at + 4] = b"\xff\xff\xff\xff"
    made.write_bytes(content)
    ended = medview("plugins", "install", made, "--yes")
    assert ended.code == 5
    assert f"'{made.name}' is damaged" in ended.err
    assert "Get the file again" in ended.err
