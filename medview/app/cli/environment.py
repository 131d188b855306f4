"""`Environment`: what commands need of this process, made when first asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from medview.app.cli import console

if TYPE_CHECKING:
    from medview.app.controllers.last_failures import LastFailures
    from medview.config.paths import Folders
    from medview.config.redact import Redactor
    from medview.host.catalogue import Catalogue
    from medview.host.packages.store import PackageStore
    from medview.host.weights_offers import WeightsOffer
    from medview.io.scan import Scan


class Environment:
    """Folders, log and models of one invocation.

    Parameters
    ----------
    environ : mapping of str to str
        Environment variables.
    catalogue : callable, optional
        Makes the catalogue of models; by default that of what is installed.
    offers : sequence of WeightsOffer, optional
        Weights that can be installed; by default all that medview and its models know.
    allow_loopback : bool
        Whether downloads may come from 127.0.0.1 without https: for tests.

    Attributes
    ----------
    left_running : tuple of str
        Titles of jobs whose threads did not stop when they were cancelled.
    """

    def __init__(
        self,
        environ: Mapping[str, str] = os.environ,
        catalogue: Callable[[], Catalogue] | None = None,
        *,
        offers: Sequence[WeightsOffer] | None = None,
        allow_loopback: bool = False,
    ) -> None:
        self._environ = environ
        self._catalogue = catalogue
        self._offers = offers
        self.allow_loopback = allow_loopback
        self.left_running: tuple[str, ...] = ()

    @cached_property
    def folders(self) -> Folders:
        """Folders of this person."""
        from medview.config.paths import find_folders

        return find_folders(self._environ)

    @cached_property
    def packages(self) -> PackageStore:
        """The model packages that are installed in directories of their own."""
        from medview.host.packages.store import PackageStore

        return PackageStore(self.folders.models)

    @cached_property
    def failures(self) -> LastFailures:
        """The last failed run of each model."""
        from medview.app.controllers.last_failures import LastFailures

        return LastFailures(self.folders.logs / "models")

    @cached_property
    def switched_off(self) -> frozenset[str]:
        """Ids and distributions that the settings or the index of packages switch off."""
        from medview.config.store import load_settings

        settings = load_settings(self.folders.settings_file).settings
        return frozenset(settings.models.disabled) | self.packages.index().disabled

    @cached_property
    def catalogue(self) -> Catalogue:
        """The models that are installed, less those that the settings switch off."""
        if self._catalogue is not None:
            return self._catalogue()
        from medview.app.controllers.models import open_catalogue
        from medview.config.store import load_settings

        settings = load_settings(self.folders.settings_file).settings
        catalogue = open_catalogue(
            self._environ,
            disabled=frozenset(settings.models.disabled),
            trace=console.remark,
            network=frozenset(settings.models.network),
        )
        for name in catalogue.unknown:
            console.remark(f"MEDVIEW_MODELS names '{name}', and no such model is installed.")
        return catalogue

    def close(self) -> None:
        """End processes that were started for models."""
        if "catalogue" in self.__dict__:
            self.catalogue.close()

    @cached_property
    def weights_offers(self) -> tuple[WeightsOffer, ...]:
        """Weights that can be installed; loads the models, whose cards may declare some."""
        if self._offers is not None:
            return tuple(self._offers)
        from medview.app.controllers.weights import known_offers

        with console.working("Loading models"):
            return known_offers(self.catalogue.models)

    @cached_property
    def redactor(self) -> Redactor:
        """Keeps what was opened out of the log."""
        from medview.config.redact import redactor_for_this_user

        return redactor_for_this_user()

    def keep_out_of_log(self, paths: Sequence[Path], found: Scan | None = None) -> None:
        """Register what was opened, so that no log line can name it."""
        for path in paths:
            self.redactor.add_path(path.absolute())
        for study in found.studies if found is not None else ():
            patient = study.patient
            self.redactor.add(patient.id, patient.name, patient.birth_date)

    @contextmanager
    def log(self) -> Iterator[Path]:
        """Write the log while the block runs; gives the path of the log file."""
        from medview.config.log import logging_to

        with logging_to(self.folders.logs, self.redactor) as path:
            yield path
