"""Reads the answer to a trigger of a described platform. Pure."""

from collections.abc import Sequence

from testgate.errors import Busy, Refused
from testgate.model import Origin, Run, Target
from testgate.providers.described.answers import first_id, lenient, refuse, rule_for, said, url_of
from testgate.providers.described.expressions import Expression
from testgate.providers.described.opening import Opening
from testgate.providers.described.refs import keep
from testgate.providers.shared import not_started
from testgate.shapes import id_of, text_of
from testgate.text import one_line, plural
from testgate.wire import Reply

_NOT_STARTED = frozenset({"refused", "busy"})
_CONFLICT, _UNPROCESSABLE = 409, 422
_REMEDY = "Check the values of `values`, and whether the key may start this."
_UNCERTAIN = (
    "If such an answer means that nothing was started, the provider file can say so: a rule under `trigger.when` that "
    'means "refused".'
)
_AGAIN = "Run this job again when that one has finished."


def started(reply: Reply, document: Opening, target: Target, ids: Sequence[Expression]) -> Run:
    """Return the run that a trigger started, or the one that was there already. `ids` are where its id stands.

    Raises:
        Refused: the platform refused, or nothing is there to run.
        Busy: the platform did not start it for now.
        BadAnswer: the answer names no run, or several; also the errors of `Reply.check`.

    """
    data = lenient(reply)
    rule = rule_for(document.trigger.when, reply, data)
    means = rule.means if rule else ""
    if means in _NOT_STARTED and reply.successful and _names_a_run(document, ids, data):
        # Sent again, it would be a second run; given up, a run that nobody stops. It is looked for instead.
        raise reply.bad_answer(f"a run, although a rule of `trigger.when` takes that for {means}")
    if means in {"refused", "nothing"}:
        why = "the platform found nothing to run" if means == "nothing" else "the platform refused"
        status = reply.status if _CONFLICT >= reply.status >= 400 else _UNPROCESSABLE  # noqa: PLR2004  # HTTP's refusals
        raise Refused(f"{target.name} was not started: {why}: {reply.quoted}", status=status, remedy=_REMEDY)
    if means == "busy":
        raise Busy(reply.quoted)
    adopted = means == "adopted"
    if not adopted:
        _accept(reply, document, data, target)
    return _run_in(reply, document, (target, ids), data, adopted=adopted)


def _names_a_run(document: Opening, ids: Sequence[Expression], data: object) -> bool:
    """Whether an answer has the id of a run, in itself or in one of several rows."""
    several = document.trigger.several
    rows = several(data) if several is not None else None
    return any(first_id(ids, each)[0] for each in (data, *(rows if isinstance(rows, list) else ())))


def _accept(reply: Reply, document: Opening, data: object, target: Target) -> None:
    """Raise if the trigger was refused."""
    try:
        reply.check()
        if not document.trigger.location:
            reply.data()
        refuse(reply, document, data)
    except Refused as refusal:
        if not refusal.certain and not refusal.remedy:
            raise Refused(refusal.message, status=refusal.status, remedy=_UNCERTAIN) from refusal
        raise not_started(target, refusal, _REMEDY) from refusal


def _run_in(
    reply: Reply, document: Opening, wanted: tuple[Target, Sequence[Expression]], data: object, *, adopted: bool
) -> Run:
    """The run that an answer names."""
    target, ids = wanted
    trigger = document.trigger
    rows = trigger.several(data) if trigger.several is not None else None
    if isinstance(rows, list) and len(rows) > 1:
        return _from(Origin.ADOPTED if adopted else Origin.STARTED, _runs_in(reply, document, wanted, rows))
    found, there = _in_header(reply, trigger.location) if trigger.location else first_id(ids, data)
    if not found and isinstance(rows, list) and rows:
        (data,) = rows
        found, there = first_id(ids, data)
    if found:
        return _from(Origin.ADOPTED if adopted else Origin.STARTED, _run(document, found, target, data))
    if text_of(there):
        raise reply.bad_answer("an id that cannot be one")
    if adopted:
        what = f"{target.name} is queued already, and the platform does not say as which run: {reply.quoted}"
        raise Refused(what, status=_CONFLICT, remedy=_AGAIN)
    raise reply.bad_answer("no id of a run in it")


def _from(origin: Origin, run: Run) -> Run:
    """The run, and those beside it, with this origin."""
    return run._replace(origin=origin, others=tuple(_from(origin, each) for each in run.others))


def _run(document: Opening, run_id: str, target: Target, data: object) -> Run:
    """A run with what an answer says about it."""
    trigger = document.trigger
    url = url_of(trigger.url(data)) if trigger.url is not None else ""
    return Run(run_id, target, url, ref=keep({}, trigger.keep, data).text)


def _runs_in(
    reply: Reply, document: Opening, wanted: tuple[Target, Sequence[Expression]], rows: Sequence[object]
) -> Run:
    """The first of the runs that one trigger started, with the others. Each is a target of its own.

    Raises:
        BadAnswer: one of them has no id, so that nobody could stop it.

    """
    target, ids = wanted
    label = document.trigger.label
    found = {first_id(ids, row)[0]: row for row in rows}
    if "" in found:
        named = ", ".join(one_line(each, 100) for each in found if each)
        raise reply.bad_answer(f"{plural(len(rows), 'run')} of which one has no id (the others: {named})")
    labels = {run_id: one_line(said(label(row)), 100) if label is not None else "" for run_id, row in found.items()}
    first, *others = sorted(found, key=lambda run_id: labels[run_id])  # the order of an answer can change
    runs = [
        _run(
            document,
            each,
            _part_of(target, labels[each] or f"{number} of {len(found)}", first=each == first),
            found[each],
        )
        for number, each in enumerate((first, *others), 1)
    ]
    return runs[0]._replace(others=tuple(runs[1:]))


def _part_of(target: Target, label: str, *, first: bool) -> Target:
    """The target of one of several runs. The first keeps the key, under which the trigger was announced."""
    return target._replace(name=f"{target.name} ({label})", key=target.key if first else f"{target.key} ({label})")


def _in_header(reply: Reply, after: bool | str) -> tuple[str, object]:
    """The last segment of the path in `Location`, or the one `after` these, if it can be an id."""
    path = reply.headers.get("location", "").partition("?")[0].rstrip("/")
    if isinstance(after, str):
        path = path.partition(f"/{after}/")[2].partition("/")[0]
    found = path.rpartition("/")[2]
    return id_of(found), found
