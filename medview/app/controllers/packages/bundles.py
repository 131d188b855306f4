"""`Bundles`: MONAI bundles, and networks with a manifest, as packages that can be installed."""

from __future__ import annotations

from pathlib import Path

from medview.core.errors import MedviewError
from medview.host.packages.errors import PackageError
from medview.host.packages.sources import Source


class Bundles:
    """Writes the wheel of a bundle; its configuration, which is code, is not run for that."""

    def takes(self, source: Source) -> bool:
        """Whether it is a bundle."""
        from medview.host.bundles.files import recognise

        return source.path is not None and recognise(source.path) is not None

    def wheel(self, source: Source, folder: Path) -> Path:
        """Write the wheel; raises `PackageError` if the bundle is none that medview can run."""
        from medview.host.bundles.package import as_wheel

        assert source.path is not None
        try:
            return as_wheel(source.path, folder)
        except MedviewError as error:
            raise PackageError(
                f"'{source.name}' cannot be installed. {error.message}", code=error.code
            ) from error
