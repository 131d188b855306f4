"""Rules that strike absolute paths, DICOM names, UIDs and dates out of text."""

from __future__ import annotations

import re
from collections.abc import Callable

_UID = re.compile(r"(?<![\d.])\d+(?:\.\d+){4,}")
_DATE = re.compile(r"(?<!\d)(?:19|20)\d{2}(?:-(?:0[1-9]|1[0-2])-|(?:0[1-9]|1[0-2]))[0-3]\d(?!\d)")
# Only tried where a token begins, so that a long token costs linear time.
_NAME = re.compile(r"(?<![^\s'\"=,;:()\[\]])[^\s^'\"=,;:()\[\]]++(?:\^[^\s^'\"=,;:()\[\]]*)+")
# An absolute path runs on through spaces up to its last separator on the line, and from there to
# the end of a file name: better to lose a word of the message than to keep half of a name.
_PATH = re.compile(
    r"(?<![\w.:/\\<])(?:file:/+|[A-Za-z]:[\\/]|\\\\|~?/)(?=[^\s/\\])"
    r"(?:[^\n\"'<>|]*[/\\])?(?:[^\n\"'<>|/\\]*?\.\w{1,6}\b|[^\s\"'<>|/\\,;:)\]]*)"
)


def scrubbed(text: str, *, uid: str | Callable[[re.Match[str]], str] = "<uid>") -> str:
    """`text` with ``<path>``, ``<uid>``, ``<name>`` and ``<date>`` for what may identify someone.

    Parameters
    ----------
    text : str
        Of any origin and length; the time taken grows linearly with it.
    uid : str or callable
        What stands for a UID (DICOM PS3.5 section 9), or makes it from the match.

    Notes
    -----
    Rules are a net with holes: a name without ``^`` is a word like any other.
    Identifiers of what was opened are known, and `medview.config.redact.Redactor` knows them.
    """
    text = _PATH.sub("<path>", text)
    text = _UID.sub(uid, text)
    text = _NAME.sub("<name>", text)
    return _DATE.sub("<date>", text)
