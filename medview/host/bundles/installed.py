"""`InstalledModel`: a bundle or manifest inside its own package, as `as_package` laid it out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from medview.host.bundles.files import MANIFEST, METADATA, ModelFiles
from medview.host.bundles.inference_config import InferenceConfig, read_inference_config
from medview.host.bundles.manifest import Manifest, read_manifest
from medview.host.bundles.metadata import BundleMetadata, read_metadata
from medview.host.bundles.settings import params_type
from medview.host.card import ModelCard
from medview.host.card_json import read_card


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """What the hooks of such a package need.

    Attributes
    ----------
    folder : Path
        The files of the model, weights excepted.
    card : ModelCard
        As ``medview_card.json`` says.
    details : BundleMetadata or Manifest
    config : InferenceConfig or None
        Of a bundle.
    """

    folder: Path
    card: ModelCard
    details: BundleMetadata | Manifest
    config: InferenceConfig | None

    @property
    def params_type(self) -> type | None:
        """The dataclass of its parameters."""
        if self.config is None:
            return None
        return params_type(self.config.settings, detects=self.config.has_detector)


def read_installed(package: Path) -> InstalledModel:
    """Read the model in a package's folder; raises `InputError` if that is damaged."""
    files = ModelFiles(package / "model")
    card = read_card((package / "medview_card.json").read_text(encoding="utf-8"))
    if MANIFEST in files:
        return InstalledModel(package / "model", card, read_manifest(files.text(MANIFEST)), None)
    config = read_inference_config(files)
    metadata = read_metadata(
        files.text(METADATA), stem=card.title, has_detector=config.has_detector
    )
    return InstalledModel(package / "model", card, metadata, config)
