"""`ModelsDisplay`: every model with its verdict on the series on screen, and its Run button."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from medview.app.background import Background, Task
from medview.app.controllers.window.model_keys import ModelKeys
from medview.app.controllers.window.runs import Runs
from medview.app.controllers.window_packages.rows import (
    foot_words,
    network_wish,
    notice_words,
    package_facts,
)
from medview.app.controllers.window_packages.shelf import Shelf
from medview.app.session import Session
from medview.core.scene.scene import OpenSource
from medview.core.units import unit_in_words
from medview.host.card import ModelCard
from medview.host.fit import verdict
from medview.host.handle import ModelHandle
from medview.host.input_words import limits_in_words
from medview.host.params import ParamSpec, specs_of
from medview.host.verdict import Verdict
from medview.view.forms.field import FieldRow
from medview.view.panels.model_rows import CardFact, ModelRow
from medview.view.panels.models import ModelsPanel

Verdicts = dict[str, Verdict]
_JUDGING = "Judging\N{HORIZONTAL ELLIPSIS}"
_RANK = {"fit": 0, "doubtful": 1, "unknown": 2, "unfit": 3}


class ModelsDisplay:
    """Asks every model about the active source, on a worker, and shows the answers.

    Parameters
    ----------
    panel : ModelsPanel
    shelf : Shelf
        The catalogue, and the packages that bring the models.
    session : Session
    runs : Runs
    background : Background
    keys : ModelKeys
    """

    def __init__(
        self,
        panel: ModelsPanel,
        shelf: Shelf,
        session: Session,
        runs: Runs,
        background: Background,
        keys: ModelKeys,
    ) -> None:
        self._panel = panel
        self._shelf = shelf
        self._catalogue = shelf.catalogue
        self._handles: dict[str, ModelHandle] = {}
        self._titles: dict[str, str] = {}
        self._session = session
        self._runs = runs
        self._background = background
        self._keys = keys
        self._verdicts: Verdicts = {}
        self._asking: Task[Verdicts] | None = None
        self.on_rows: Callable[[tuple[ModelRow, ...]], None] = lambda rows: None
        session.scene.active_changed.connect(self._on_active)
        session.scene.data_changed.connect(self._on_data)
        runs.changed.connect(self.show)
        panel.run_requested.connect(self.run)
        panel.cancel_requested.connect(self._cancel)

    def start(self) -> None:
        """Load the models in the background, so that their cards are there."""
        self._ask(self._session.scene.active, self._shelf.read)

    def reload(self) -> None:
        """Show the models that are there now, and ask those that are new."""
        present = {handle.id for handle in self._catalogue.models}
        self._verdicts = {id_: v for id_, v in self._verdicts.items() if id_ in present}
        self._ask(self._session.scene.active)
        self.show()

    def handle_of(self, row_id: str) -> ModelHandle:
        """The model that a row stands for."""
        return self._handles[row_id]

    def show(self) -> None:
        """Show what is known now."""
        source = self._session.scene.active
        handles = self._catalogue.models
        self._handles = dict(zip(_row_ids(handles), handles, strict=True))
        keys = self._keys.numbers(handles)
        rows = [
            replace(self._row(id_, handle, source), key=keys.get(handle.found.full_name, 0))
            for id_, handle in self._handles.items()
        ]
        usable = ("ready", "found")
        rows.sort(key=lambda row: (row.state not in usable, _RANK[row.fit], row.title.lower()))
        self._panel.set_models(tuple(rows))
        self._panel.set_notice(notice_words(self._shelf))
        self._panel.set_foot(*foot_words(handles, self._shelf))
        self.on_rows(tuple(rows))

    def _on_active(self, source: OpenSource | None) -> None:
        self._verdicts = {}
        self._ask(source)
        self.show()

    def _on_data(self, _source: OpenSource) -> None:
        # Another time point of the same series fits as well; only what runs on it may differ.
        if not self._runs.is_idle:
            self.show()

    def _ask(self, source: OpenSource | None, first: Callable[[], None] = lambda: None) -> None:
        if self._asking is not None:
            self._asking.cancel()

        def ask(task: Task[Verdicts]) -> Verdicts:
            first()
            return _ask_all(self._catalogue.models, source, task)

        self._asking = self._background.start(
            "models",
            ask,
            done=self._on_verdicts,
            failed=lambda error: self._on_verdicts(self._verdicts),
        )

    def _on_verdicts(self, verdicts: Verdicts) -> None:
        self._asking = None
        self._verdicts = verdicts
        self.show()

    def run(self, model_id: str, values: Mapping[str, object]) -> None:
        """Run a model on the series on screen."""
        source = self._session.scene.active
        if source is not None:
            self._runs.run(self._catalogue.handle(model_id), source, values)

    def _cancel(self, model_id: str) -> None:
        self._runs.cancel(model_id, self._session.scene.active)

    def _row(self, row_id: str, handle: ModelHandle, source: OpenSource | None) -> ModelRow:
        judged = self._verdicts.get(row_id)
        card, name = handle.card, handle.found.full_name
        failure = self._runs.failure_of(handle, source)
        if card is not None:
            self._titles[name] = card.title
        return ModelRow(
            id=row_id,
            title=self._titles.get(name) or self._shelf.title_of(handle),
            summary=card.summary if card is not None else "",
            state=handle.state,
            state_reason=handle.reason,
            report=f"{failure.message}\n\n{failure.details}" if failure else handle.report,
            fit=judged.fit if judged is not None and source is not None else "unknown",
            fit_reasons=judged.reasons if judged is not None and source is not None else (),
            waiting=self._waiting(source),
            failure=failure.message if failure else "",
            running=self._runs.is_running(handle.id, source),
            fields=tuple(_field(spec) for spec in specs_of(handle.params_type)),
            facts=card_facts(card, handle) if card is not None else (),
            demonstration=card.demonstration if card is not None else False,
            package=package_facts(handle, self._shelf),
            network=network_wish(handle, self._shelf),
        )

    def _waiting(self, source: OpenSource | None) -> str:
        """Why there is no verdict yet: its line keeps its place, and says why Run is grey."""
        if self._asking is None:
            return "No series is open" if source is None else "Could not be judged"
        return "Loading\N{HORIZONTAL ELLIPSIS}" if source is None else _JUDGING


def card_facts(card: ModelCard, handle: ModelHandle) -> tuple[CardFact, ...]:
    """The honest lines of a card, in the order that a reader asks for them."""
    measured = [
        f"{e.metric} {e.value:g}"
        + (f" ({e.low:g} to {e.high:g})" if e.low is not None and e.high is not None else "")
        + f" on {e.on}, n = {e.n}"
        for e in card.evaluations
    ]
    pairs: Sequence[tuple[str, str]] = (
        ("Intended use", card.intended_use),
        ("Input", card.input.text),
        ("Limits", limits_in_words(card.input)),
        ("Measured", "; ".join(measured)),
        ("Trained on", "; ".join(card.trained_on)),
        ("Not for", "; ".join(card.out_of_scope)),
        ("Known failures", "; ".join(card.known_failures)),
        ("Licence", f"code {card.code_licence}, weights {card.weights_licence}"),
        ("Publisher", card.publisher),
        ("Package", f"{handle.distribution} {handle.version}"),
        ("Runs in", handle.isolation),
    )
    return tuple(CardFact(name, text) for name, text in pairs if text)


def _row_ids(handles: Sequence[ModelHandle]) -> list[str]:
    """An id for each row: the model's own, and another one where two packages bring it."""
    seen: set[str] = set()
    ids = []
    for number, handle in enumerate(handles):
        ids.append(handle.id if handle.id not in seen else f"{handle.id} #{number}")
        seen.add(handle.id)
    return ids


def _field(spec: ParamSpec) -> FieldRow:
    return FieldRow(
        name=spec.name,
        kind=spec.kind,
        default=spec.default,
        label=spec.label,
        help=spec.help,
        unit=unit_in_words(spec.unit),
        low=spec.low,
        high=spec.high,
        choices=spec.choices,
    )


def _ask_all(
    handles: Sequence[ModelHandle], source: OpenSource | None, task: Task[Verdicts]
) -> Verdicts:
    verdicts: Verdicts = {}
    for handle in handles:
        task.progress(None)
        handle.ensure_ready()
        if source is not None and handle.id not in verdicts:
            verdicts[handle.id] = verdict(handle, source.data.info)
    return verdicts
