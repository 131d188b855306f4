"""`Offered`: the hooks, parameters and card that a module offers, looked at one by one."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from medview.core.errors import MedviewError
from medview.core.redaction import scrubbed
from medview.host.card_checks import card_problems
from medview.host.loader import HOOKS, Plugin
from medview.host.params import specs_of
from medview.host.report import import_failure
from medview.host.spec import API, ModelHooks


@dataclass(frozen=True, slots=True)
class Offered:
    """What is wrong with each part, in sentences.

    Attributes
    ----------
    error : str
        Why the module cannot even be imported; empty where it can.
    hooks, card : tuple of str
        Rules that are broken; those of the card are unknown while hooks are wrong.
    described : object
        What ``describe`` returned.
    parameters : int
        How many there are.
    """

    error: str
    hooks: tuple[str, ...] = ()
    card: tuple[str, ...] = ()
    described: object = None
    parameters: int = 0


def offered_by(target: str, model_id: str) -> Offered:
    """Import a module, or an object in one, and look at what it offers.

    Parameters
    ----------
    target : str
        ``"package.module"`` or ``"package.module:object"``.
    model_id : str
        The entry point's name.
    """
    module, _, attribute = target.partition(":")
    try:
        implementation: Any = importlib.import_module(module.strip())
        for part in filter(None, attribute.strip().split(".")):
            implementation = getattr(implementation, part)
    # Foreign code may raise anything.
    except (Exception, SystemExit) as error:  # noqa: BLE001
        return Offered(import_failure(error, module.strip().partition(".")[0]))
    hooks = [*_hook_problems(implementation, model_id), *_parameter_problems(implementation)]
    if hooks:
        return Offered("", tuple(hooks))
    try:
        card = Plugin(model_id, implementation).describe()
    except (Exception, SystemExit) as error:  # noqa: BLE001
        return Offered("", (), (f"describe raised {_told(error)}.",))
    count = len(specs_of(getattr(implementation, "Params", None)))
    return Offered("", (), tuple(card_problems(card, model_id)), card, count)


def _hook_problems(implementation: Any, model_id: str) -> Iterator[str]:
    wrong = False
    for name in HOOKS:
        hook = getattr(implementation, name, None)
        if hook is None or _is_marked(hook):
            if problem := _signature_problem(name, hook):
                wrong = True
                yield problem
        elif callable(hook):
            wrong = True
            yield f"'{name}' is not marked with @hookimpl, so medview does not see it."
    if wrong:
        return
    try:
        yield from Plugin(model_id, implementation).hook_problems()
    # Registration looks at every name of the module, and any of them may raise.
    except Exception as error:  # noqa: BLE001
        yield f"Its hooks cannot be registered. {_told(error)}"


def _is_marked(hook: Any) -> bool:
    return getattr(hook, f"{API}_impl", None) is not None


def _signature_problem(name: str, hook: Any) -> str:
    if hook is None:
        return ""
    given = [n for n in inspect.signature(getattr(ModelHooks, name)).parameters if n != "self"]
    try:
        parameters = inspect.signature(hook).parameters.values()
    except (TypeError, ValueError):
        return ""
    # pluggy hands over what is named without a default, and nothing else.
    asked = [p.name for p in parameters if p.default is p.empty and p.name != "self"]
    unknown = [p for p in asked if p not in given]
    if not unknown:
        return ""
    return (
        f"The hook '{name}' asks for '{unknown[0]}', which medview does not give; "
        f"it gives {', '.join(given) or 'no argument'}."
    )


def _parameter_problems(implementation: Any) -> Iterator[str]:
    params = getattr(implementation, "Params", None)
    if params is None:
        return
    if not isinstance(params, type) or not dataclasses.is_dataclass(params):
        yield "Params must be a frozen dataclass."
        return
    try:
        specs = specs_of(params)
    except MedviewError as error:
        yield error.message
        return
    # An annotation that names nothing.
    except (NameError, TypeError) as error:
        yield f"Params has a field of an unknown type: {_told(error)}."
        return
    for spec in specs:
        if spec.default is dataclasses.MISSING:
            yield f"Parameter '{spec.name}' needs a default."


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {scrubbed(str(error))}".rstrip(": ")
