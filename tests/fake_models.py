"""Small models, good and hostile, written to disk as installed packages with their metadata."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import Distribution, distributions
from pathlib import Path
from textwrap import dedent

from medview.core.notice import Notice
from medview.core.progress import CancelToken
from medview.core.runctx import Memory, Precision

API = "medview.model.v1"

HEAD = """
from dataclasses import dataclass
import numpy as np
from medview.api import *

CARD = dict(
    title="Bright voxels", summary="Marks what is above a threshold.",
    intended_use="For tests. Not for diagnosis.",
    input=InputSpec("volume", modalities=("CT",)), produces=("labelmap",),
    code_licence="Apache-2.0", weights_licence="none",
)
LABELS = (Label(1, "bright", (255, 0, 0)),)

@hookimpl
def describe():
    return ModelCard(id=MODEL, **CARD)

@hookimpl
def applicable(source):
    return Verdict.fits()
"""

GOOD_RUN = """
@dataclass(frozen=True)
class Params:
    above: float = param(0.0, label="Threshold", unit="[hnsf'U]", low=-1024, high=3000)

@hookimpl
def run(source, params, ctx):
    ctx.progress(0.5, "Comparing")
    mask = (source.array > params.above).astype(np.uint8)
    return Findings(LabelMap("Bright", mask, LABELS))
"""


class FakeSite:
    """A folder that looks like site-packages, on ``sys.path`` while a test runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self._count = 0

    def add(
        self,
        source: str,
        *,
        model: str = "bright",
        distribution: str = "fake-bright",
        version: str = "1.2",
        group: str = API,
        head: bool = True,
    ) -> str:
        """Write a package with one model, and return the name of its module."""
        self._count += 1
        module = f"fake_model_{self.folder.name.replace('-', '_')}_{self._count}"
        package = self.folder / module
        package.mkdir()
        text = f"MODEL = {model!r}\n" + (dedent(HEAD) if head else "") + dedent(source)
        (package / "__init__.py").write_text(text, encoding="utf-8")
        self.add_metadata(distribution, version, {group: {model: module}})
        return module

    def add_metadata(
        self, distribution: str, version: str, groups: Mapping[str, Mapping[str, str]]
    ) -> None:
        """Write only the metadata of an installed package."""
        info = self.folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir(exist_ok=True)
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n", encoding="utf-8"
        )
        lines = []
        for group, entries in groups.items():
            lines.append(f"[{group}]")
            lines += [f"{name} = {target}" for name, target in entries.items()]
        (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")

    @property
    def installed(self) -> list[Distribution]:
        """What is installed here, and nothing of the real environment."""
        return list(distributions(path=[str(self.folder)]))


def fake_site(tmp_path: Path) -> Iterator[FakeSite]:
    """Make a site, importable until the test ends."""
    site = FakeSite(tmp_path / "site-packages")
    sys.path.insert(0, str(site.folder))
    before = set(sys.modules)
    yield site
    sys.path.remove(str(site.folder))
    for name in set(sys.modules) - before:
        if name.startswith("fake_model_"):
            del sys.modules[name]


@dataclass
class PlainContext:
    """A run context without a job behind it."""

    device: str = "cpu"
    memory: Memory = "normal"
    precision: Precision = "float32"
    reproducible: bool = False
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("medview.test"))
    fallbacks: tuple[str, ...] = ()
    token: CancelToken = field(default_factory=CancelToken)
    files: Mapping[str, Path] = field(default_factory=dict)
    told: list[tuple[float | None, str]] = field(default_factory=list)
    warned: list[Notice] = field(default_factory=list)

    def progress(self, fraction: float | None, text: str = "") -> None:
        self.token.check()
        self.told.append((fraction, text))

    def watch(self, call, total):
        return call

    def warn(self, code: str, text: str) -> None:
        self.warned.append(Notice(code, text))

    def weights(self, name: str) -> Path:
        return self.files[name]
