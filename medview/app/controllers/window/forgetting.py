"""`Forgetting`: removes what is kept of a study, or all of it, at the reader's wish."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from medview.app.background import Background
from medview.app.controllers.window.notices import Notices
from medview.app.controllers.window.studies import patient_rows
from medview.app.library import Library
from medview.io.thumbnail_store import ThumbnailStore
from medview.view.panels.studies import StudiesPanel


class Forgetting:
    """Answers "Forget this" and "Forget all" of the study browser.

    What is open stays open; the images themselves are never touched.

    Parameters
    ----------
    panel : StudiesPanel
    library : Library
    background : Background
    notices : Notices
    index_folder : Path
        Where the index of scanned folders is kept.
    thumbnails : ThumbnailStore
        Where small pictures are kept.
    """

    def __init__(
        self,
        panel: StudiesPanel,
        library: Library,
        background: Background,
        notices: Notices,
        index_folder: Path,
        thumbnails: ThumbnailStore,
    ) -> None:
        self._library = library
        self._background = background
        self._notices = notices
        self._folder = index_folder
        self._thumbnails = thumbnails
        panel.set_can_forget(True)
        panel.forget_requested.connect(self._forget_row)
        panel.forget_all_requested.connect(lambda: self._forget(None))

    def _forget_row(self, row_id: str) -> None:
        for patient in patient_rows(self._library.studies):
            ids = [study.id for study in patient.studies]
            if row_id == patient.id:
                self._forget(ids)
            elif row_id in ids:
                self._forget([row_id])

    def _forget(self, study_ids: Sequence[str] | None) -> None:
        known = {study.uid for study in self._library.studies}

        def remove(_task: object) -> None:
            from medview.io.index import Index

            pictures = self._thumbnails
            with closing(Index(self._folder)) as index:
                if study_ids is None:
                    pictures.forget_all(known)
                    index.forget_all()
                    return
                for id_ in study_ids:
                    # A study without a UID goes by its title in the list.
                    uid = id_ if id_ in known else None
                    pictures.forget_study(uid)
                    index.forget_study(uid)

        what = "all studies" if study_ids is None else "this study"
        self._background.start(
            "save",
            remove,
            done=lambda _nothing: self._notices.done(
                f"Nothing of {what} is remembered here any more. The images were not touched."
            ),
            failed=lambda error: self._notices.failed("Forgetting", error),
        )
