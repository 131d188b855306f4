"""`write_package`: a small complete model package from ``resources/plugin_template``."""

from __future__ import annotations

import json
import keyword
import re
import sys
import tempfile
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

from medview.core.errors import UsageError
from medview.core.resources import resource

Kind = Literal["segmentation", "detection", "grading", "tiles", "heatmap"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 60
_OWN = "medview"
# Names by which files are kept, so that no tool takes them for files of this repository.
_RENAMED = {"gitignore": ".gitignore", "github": ".github", "pyproject": "pyproject.toml"}
_DEPENDENCIES = "    # __DEPENDENCIES__\n"
_NEEDS_SCIPY = frozenset(("detection", "heatmap"))


def write_package(
    name: str,
    kind: Kind,
    parent: Path,
    *,
    title: str = "",
    publisher: str = "",
    taken: frozenset[str] = frozenset(),
) -> Path:
    """Write a package that can be installed as it is; whole, or not at all.

    Parameters
    ----------
    name : str
        Of the distribution and of its model: lower-case words joined by hyphens.
    kind : {"segmentation", "detection", "grading", "tiles", "heatmap"}
    parent : Path
        In which a folder of that name is made.
    title, publisher : str
        For the card; the title is made from the name where it is empty.
    taken : frozenset of str
        Ids of models that are installed.

    Returns
    -------
    Path
        The new folder.

    Raises
    ------
    UsageError
        If the name cannot be used, or the folder is there and not empty.
    """
    check_name(name, taken)
    folder = parent / name
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder.name} is there already. Choose another name or another place.")
    words = _words(name, kind, title, publisher)
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent, prefix=f".{name}-") as staging:
            new = Path(staging) / name
            for path, text in _files(kind, words):
                target = new / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8", newline="\n")
            if folder.exists():
                folder.rmdir()
            new.rename(folder)
    except OSError as error:
        raise UsageError(
            f"The package could not be written: {error.strerror or 'the place is not writable'}."
        ) from error
    return folder


def check_name(name: str, taken: frozenset[str] = frozenset()) -> None:
    """Whether a package, its module and its model can have that name.

    Raises
    ------
    UsageError
        Saying why not.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        raise UsageError(
            f"'{name}' cannot be the name of a package: take lower-case words joined by hyphens, "
            "for example liver-segmentation."
        )
    module = module_of(name)
    if keyword.iskeyword(module) or module in sys.stdlib_module_names:
        raise UsageError(f"'{name}' is a word of Python itself: take another name.")
    if name == _OWN or name.startswith(f"{_OWN}-"):
        raise UsageError(f"Names that begin with {_OWN} are {_OWN}'s own: take another one.")
    if name in taken:
        raise UsageError(f"A model with the id '{name}' is installed: take another name.")


def module_of(name: str) -> str:
    """The module of a package."""
    return name.replace("-", "_")


def _words(name: str, kind: Kind, title: str, publisher: str) -> dict[str, str]:
    shown = title.strip() or name.replace("-", " ").capitalize()
    card = json.loads(_template(kind, "medview_card.json").read_text(encoding="utf-8"))
    return {
        "__NAME__": name,
        "__MODULE__": module_of(name),
        "__TITLE__": shown,
        "__PUBLISHER__": publisher.strip() or "Unknown",
        "__WHAT__": f"{card['summary']} {' '.join(card['known_failures'])}",
    }


def _files(kind: Kind, words: dict[str, str]) -> list[tuple[PurePosixPath, str]]:
    """Every file with its place in the package."""
    source = PurePosixPath("src") / words["__MODULE__"]
    places = [
        (source / "__init__.py", _template(kind, "module.py")),
        (source / "medview_card.json", _template(kind, "medview_card.json")),
        (PurePosixPath("tests/test_truth.py"), _template(kind, "truth.py")),
        *_below(_template("any"), PurePosixPath()),
    ]
    more = '    "scipy>=1.15",\n' if kind in _NEEDS_SCIPY else ""
    return [
        (path, _filled(path, each.read_text("utf-8").replace(_DEPENDENCIES, more), words))
        for path, each in places
    ]


def _template(*parts: str) -> Traversable:
    return resource("plugin_template", *parts)


def _below(folder: Traversable, path: PurePosixPath) -> list[tuple[PurePosixPath, Traversable]]:
    found = []
    for each in folder.iterdir():
        place = path / _RENAMED.get(each.name, each.name)
        found += _below(each, place) if each.is_dir() else [(place, each)]
    return sorted(found, key=lambda pair: pair[0])


def _filled(path: PurePosixPath, text: str, words: dict[str, str]) -> str:
    """The text with names for placeholders; in JSON, in TOML and Markdown as these write them."""
    for placeholder, word in words.items():
        text = text.replace(placeholder, _quoted(path, word))
    return text


def _quoted(path: PurePosixPath, word: str) -> str:
    if path.suffix == ".json":
        return json.dumps(word, ensure_ascii=False)[1:-1]
    if path.suffix == ".toml" and "\n" not in word:
        return word.replace("\\", "\\\\").replace('"', '\\"')
    return word
