"""What pip says, in words for people: its steps, why it failed, which index it did not reach."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

_STEPS = (
    (re.compile(r"Collecting (\S+)"), "Looking for {}"),
    (re.compile(r"Processing (\S+)"), "Reading {}"),
    (re.compile(r"(?:Downloading|Using cached) (\S+)"), "Getting {}"),
    (re.compile(r"Installing collected packages: (.+)"), "Installing {}"),
    (re.compile(r"Installing build dependencies"), "Installing what its build needs"),
    (re.compile(r"(?:Preparing metadata|Getting requirements)"), "Reading what it needs"),
    (re.compile(r"Building wheels? for (?:collected packages: )?([^ ,]+)"), "Building {}"),
)
_RAISED = re.compile(r"\s*[\w.]*(Error|Exception|Exit): \S")
_LACKS = re.compile(
    r"Could not find a version that satisfies the requirement (.+?)"
    r"(?: \(from (?!versions:).+?\))* \(from versions: (.*)\)"
)
_NO_MATCH = "No matching distribution found for"
_INVALID = re.compile(r"(\S+) has an invalid wheel, (?:.*has an invalid wheel, )?(.+)")
_UNFETCHED = re.compile(r"Could not fetch URL (\S+): (.+)")
_AWAY = re.compile(r"connection error|timed out")
_UNTRUSTED = re.compile(r"There was a problem confirming the ssl")
_ANSWERED = re.compile(
    r"(?:too many )?(401|407|5\d\d) (?:Client Error|Server Error|error response)"
)
"""What says nothing of the package: a page that is not there (404), and by some 403, does."""
_REFUSED = re.compile(r"OSError: HTTPS?ConnectionPool\(host='([^']+)'")
_FETCHED = re.compile(r"Fetched page https?:")
_DISK_FULL = re.compile(
    rf"\[(?:Errno|WinError) (?:{errno.ENOSPC}|{errno.EDQUOT}|112)\]|No space left on device"
)
_MOST_LOG = 64 << 20
_MOST_VERSIONS = 5


def step_of(line: str) -> str:
    """What a line of pip's says is going on; empty where it says nothing of that kind."""
    told = line.strip()
    for pattern, words in _STEPS:
        if match := pattern.match(told):
            # A file or an address is told by its last part.
            what = (part.rstrip("/").rpartition("/")[2] for part in match.groups())
            return words.format(*what)
    return ""


def sentence_of(output: str) -> str:
    """Why pip failed, from all that it said."""
    if _DISK_FULL.search(output):
        return "There is no room left on the disk. Make some, and try again."
    errors = [line[6:].strip() for line in output.splitlines() if line.startswith("ERROR:")]
    if errors in ([], ["Exception:"]):
        # A traceback: of pip's own, or of a build backend, which pip quotes.
        errors = [line.strip() for line in output.splitlines() if _RAISED.match(line)][-1:]
    lacks = any(map(_LACKS.search, errors))
    told = (_in_words(line) for line in errors if not (lacks and line.startswith(_NO_MATCH)))
    return " ".join(dict.fromkeys(told))[:600] or "pip failed without saying why."


def lacking(output: str) -> tuple[str, ...]:
    """What pip looked for in vain, as ``name==version``."""
    return tuple(dict.fromkeys(match[1] for match in _LACKS.finditer(output)))


def unreached(log: Path) -> tuple[tuple[str, ...], bool]:
    """Computers that pip could not reach, from its log, and whether it reached none at all.

    What pip says aloud does not tell: an index that is out of reach has no packages for it.
    """
    try:
        with log.open(encoding="utf-8", errors="replace") as file:
            lines = file.read(_MOST_LOG).splitlines()
    except OSError:
        return (), False
    hosts = tuple(dict.fromkeys(_hosts(lines)))
    return hosts, bool(hosts) and not any(map(_FETCHED.search, lines))


def _hosts(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if match := _UNFETCHED.search(line):
            host = urlsplit(match[1]).hostname or "its address"
            if _AWAY.match(match[2]):
                yield host
            elif _UNTRUSTED.match(match[2]):
                yield f"{host}: its certificate is not trusted here"
            elif answer := _ANSWERED.search(match[2]):
                yield f"{host}: it answered {answer[1]}"
        elif match := _REFUSED.search(line):
            yield match[1]


def _in_words(error: str) -> str:
    if match := _LACKS.search(error):
        versions = [each for each in match[2].split(", ") if each != "none"]
        there = ", ".join(versions[-_MOST_VERSIONS:])
        have = f"there is {there}" if versions else "there is none of any version"
        return f"No wheel of '{match[1]}' for this Python and system was found: {have}."
    if match := _INVALID.search(error):
        return (
            f"The wheel that was found for '{match[1]}' is damaged, or holds something else "
            f"({match[2].rstrip('.')}). Get that file again, or take it out of its folder."
        )
    return error
