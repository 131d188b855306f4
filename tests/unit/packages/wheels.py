"""Small wheels and source folders of models, written by the tests themselves."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent

CARD = {
    "title": "Bright voxels",
    "summary": "Marks what is above a threshold.",
    "intended_use": "For tests. Not for diagnosis.",
    "input": {"kind": "volume", "modalities": ["CT"]},
    "produces": ["measurements"],
    "code_licence": "Apache-2.0",
    "weights_licence": "none",
    "publisher": "The testers",
}

HOOKS = """
from medview.api import *

@hookimpl
def describe():
    return ModelCard(
        id={model!r}, title="Bright voxels", summary="Marks what is above a threshold.",
        intended_use={intended_use!r},
        input=InputSpec("volume", modalities=("CT",)), produces=("measurements",),
        code_licence="Apache-2.0", weights_licence="none", publisher="The testers",
        weights={weights},
    )

@hookimpl
def applicable(source):
    return Verdict.fits()

@hookimpl
def run(source, params, ctx):
    ctx.progress(0.5, "Measuring")
    {body}
    return Findings(Measurements("Told", (Quantity("told", float(told), "1"),)))
"""


def hooks(
    model: str,
    told: str = "told = 1.0",
    intended_use: str = CARD["intended_use"],  # type: ignore[assignment]
    weights: str = "()",
) -> str:
    """The module of a model that measures one number, set by the line `told`."""
    return HOOKS.format(model=model, body=told, intended_use=intended_use, weights=weights)


def card(model: str, **changes: object) -> str:
    """The text of a ``medview_card.json``."""
    return json.dumps({"id": model, **CARD, **changes})


def wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    files: Mapping[str, str | bytes] | None = None,
    requires: Sequence[str] = (),
    entries: Mapping[str, str] | None = None,
    api: str = "medview.model.v1",
    tag: str = "py3-none-any",
    metadata: str = "License: MIT\nSummary: A package of the tests\nAuthor: The testers\n",
) -> Path:
    """Write a wheel, pure by default, with these files, relative to site-packages."""
    stem = f"{name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}"
    metadata += "".join(f"Requires-Dist: {r}\n" for r in requires)
    members: dict[str, bytes] = {
        path: text if isinstance(text, bytes) else dedent(text).encode()
        for path, text in (files or {f"{name.replace('-', '_')}.py": "VALUE = 1\n"}).items()
    }
    members[f"{info}/METADATA"] = metadata.encode()
    members[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n" + (
        f"Tag: {tag}\n".encode()
    )
    if entries:
        lines = "".join(f"{key} = {target}\n" for key, target in entries.items())
        members[f"{info}/entry_points.txt"] = f"[{api}]\n{lines}".encode()
    record = "".join(f"{n},sha256={_digest(c)},{len(c)}\n" for n, c in members.items())
    members[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return path


def model_wheel(
    folder: Path,
    name: str,
    version: str = "1.0",
    *,
    model: str = "",
    told: str = "told = 1.0",
    requires: Sequence[str] = ("medview-imaging",),
    api: str = "medview.model.v1",
    text: str | None = None,
    with_card: bool = True,
    extra: Mapping[str, str | bytes] | None = None,
) -> Path:
    """A wheel that brings one model, whose id is the distribution's name by default."""
    model, module = model or name, name.replace("-", "_")
    files: dict[str, str | bytes] = {f"{module}/__init__.py": text or hooks(model, told)}
    if with_card:
        files[f"{module}/medview_card.json"] = card(model)
    return wheel(
        folder,
        name,
        version,
        files={**files, **(extra or {})},
        requires=requires,
        entries={model: module},
        api=api,
    )


def source_folder(
    folder: Path,
    name: str,
    *,
    version: str = "1.0",
    backend: str = "hatchling.build",
    build_requires: str = '"hatchling>=1.27"',
    extra: str = "",
    marker: str = "",
) -> Path:
    """A source folder of a model; `marker` is code that goes where running it would show."""
    module = name.replace("-", "_")
    package = folder / "src" / module
    package.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(
        f"""[build-system]
requires = [{build_requires}]
build-backend = "{backend}"
{extra}
[project]
name = "{name}"
version = "{version}"
description = "A package of the tests"
license = "MIT"
authors = [{{ name = "The testers" }}]
dependencies = ["medview-imaging"]

[project.entry-points."medview.model.v1"]
{name} = "{module}"

[tool.hatch.build.targets.wheel]
packages = ["src/{module}"]
""",
        "utf-8",
    )
    (package / "__init__.py").write_text(marker + hooks(name), "utf-8")
    (package / "medview_card.json").write_text(card(name), "utf-8")
    return folder


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
