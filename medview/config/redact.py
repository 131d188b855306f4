"""Take patient names, ids, dates, UIDs and paths out of text before it reaches a file."""

from __future__ import annotations

import hashlib
import re
import threading
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePath

from medview.core.redaction import scrubbed

# Shorter words would eat ordinary text; two letters of a name identify nobody.
_SHORTEST_WORD = 3

_NOTHING = re.compile(r"(?!)")
_CODE_FILE = re.compile(r'File "([^"\n]*\.py)", line')
_CODE_ROOTS = re.compile(r"^.*[/\\](?=(?:site-packages|python3\.\d+|medview\w*|plugins)[/\\])")


class Redactor:
    """Cleans text by rules, and of words that were registered.

    The rules (absolute paths, DICOM names with ``^``, dates, UIDs) are a net.
    The promise rests on `add`: whoever opens a study registers its identifiers,
    whoever opens a path registers the path.
    Safe to use from any thread.
    """

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._words: set[str] = set()
        self._paths: set[str] = set()
        self._known_words = self._known_paths = _NOTHING
        self.add(*words)

    def add(self, *words: str | None) -> None:
        """Register identifiers: names, ids, birth dates. Each part of a name counts alone."""
        found = set()
        for word in words:
            if word:
                found |= {word, *re.split(r"[\s^=,;]+", word)}
        with self._lock:
            self._words |= {word for word in found if len(word) >= _SHORTEST_WORD}
            self._known_words = _any_of(self._words)

    def add_path(self, path: PurePath) -> None:
        """Register a path that was opened: the whole of it and the name of its last part."""
        self.add(path.name, path.stem)
        with self._lock:
            self._paths.add(str(path))
            self._known_paths = _any_of(self._paths)

    def clean(self, text: str) -> str:
        """`text` without what identifies a person or a place on this computer.

        A UID becomes ``<uid 1a2b3c>``, the start of its hash, so that lines about one series
        can still be told from lines about another. Source files in tracebacks keep the part
        from their package on.
        """
        text = _CODE_FILE.sub(_shorten_code_file, _composed(text))
        text = self._known_paths.sub("<redacted>", text)
        # Words last: one struck out of the middle of a path would hide the rest from the rules.
        return self._known_words.sub("<redacted>", scrubbed(text, uid=_hash_uid))


def _any_of(words: set[str]) -> re.Pattern[str]:
    longest_first = sorted(map(_composed, words), key=lambda word: (-len(word), word))
    joined = "|".join(re.escape(word) for word in longest_first)
    # Names of files join words by underscores, so an underscore is no letter here.
    return re.compile(rf"(?<![^\W_])(?:{joined})(?![^\W_])", re.I) if joined else _NOTHING


def _composed(text: str) -> str:
    """Letters and their marks as one: macOS writes names of files in two parts."""
    return unicodedata.normalize("NFC", text)


def redactor_for_this_user(home: Path | None = None) -> Redactor:
    """A redactor that also knows the name of the user's home folder, which is often a person's."""
    return Redactor([(home or Path.home()).name])


def _shorten_code_file(match: re.Match[str]) -> str:
    short, cut = _CODE_ROOTS.subn("", match.group(1))
    return f'File "{short if cut else "<path>"}", line'


def _hash_uid(match: re.Match[str]) -> str:
    digest = hashlib.sha256(match.group().encode()).hexdigest()
    return f"<uid {digest[:6]}>"
