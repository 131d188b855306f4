"""`PackageError`: an installation cannot be done, or was stopped to keep what is there."""

from __future__ import annotations

from medview.core.errors import ModelError


class PackageError(ModelError):
    """A model package cannot be read, resolved or installed; nothing was changed."""

    code = "package"
