"""Reads the state of runs from the answers of a described platform. Pure."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from testgate.errors import PlatformError
from testgate.model import Counts, Reported, Run, RunResult, Snapshot, Status
from testgate.providers.described.amounts import lasted, reported_of
from testgate.providers.described.answers import content_of, lenient, look_up, missing, rule_for, url_of, word_of
from testgate.providers.described.document import Document
from testgate.providers.described.refs import MARK, keep, kept_of
from testgate.providers.described.templates import filled_text, placeholders
from testgate.providers.words import end_of
from testgate.shapes import id_of, is_odd, text_of
from testgate.text import one_line
from testgate.wire import Reply

_REMEDY = "Start the tests again with `command: run`."
_RUNNING = (Status.RUNNING, None, False)


def snapshots_of(reply: Reply, document: Document, runs: Sequence[Run], values: Mapping[str, Any]) -> list[Snapshot]:
    """Return the states of the runs in an answer. Runs that the platform doesn't know are missing from it.

    Raises:
        BadAnswer: the answer has no state in it, or is about another run; also the errors of `Reply.data`.

    """
    rule = rule_for(document.poll.when, reply, lenient(reply)) if document.poll.when else None
    if rule is not None and rule.means == "waiting":
        return [Snapshot(run.id, Status.QUEUED, word="", ref=run.ref) for run in runs]
    data = content_of(reply, document, document.poll.accepts)
    if document.poll.rows is not None and document.poll.id is not None:
        rows = document.poll.rows(data)
        if not isinstance(rows, list):
            raise missing(reply, "list of runs")
        by_id = {run.id: run for run in runs}
        found = [(id_of(document.poll.id(row)), row) for row in rows if isinstance(row, dict)]
        return [
            _snapshot(row, document, by_id.get(each) or _stranger(runs, each), values) for each, row in found if each
        ]
    (run,) = runs
    _same_run(reply, document, run, data)
    return [_snapshot(data, document, run, values)]


def queued_of(reply: Reply, document: Document, run: Run) -> list[Snapshot]:
    """Return the state of a run that is in a queue, with what is kept as soon as it is known."""
    queue = document.queue
    data = content_of(reply, document)
    if queue is None:
        return []
    kept = keep(kept_of(run.ref), queue.keep, data)
    word = one_line(text_of(queue.word(data)), 100) if queue.word is not None else ""
    url = url_of(queue.url(data)) if queue.url is not None else ""
    if queue.stopped is not None and queue.stopped.holds(data):
        return [Snapshot(run.id, Status.ENDED, word or "stopped", RunResult.STOPPED, ref=kept.text)]
    return [Snapshot(run.id, Status.QUEUED, word, ref=kept.text, url=url)]


def waits_in_queue(document: Document, run: Run) -> bool:
    """Whether the queue has to be asked, because what it tells isn't known yet."""
    return document.queue is not None and not document.queue.keep.keys() <= kept_of(run.ref).keys()


def refuse_unknown(document: Document, run: Run) -> None:
    """Raise for a run that somebody else started, if reading it takes more than its ID.

    Raises:
        PlatformError: only the answer to its trigger has what it takes.

    """
    known, poll = kept_of(run.ref), document.poll
    ours = {MARK, *(f"run.{name}" for name in document.trigger.keep)} - {f"run.{name}" for name in known}
    if any(name in ours and not name.optional for name, _alone in placeholders([poll.path, poll.query, poll.body])):
        what = f"run {run.id} cannot be read: {document.name} asks for more than its ID"
        raise PlatformError(f"{what}, which only the step that started it knows", remedy=_REMEDY)


def _stranger(runs: Sequence[Run], run_id: str) -> Run:
    """A run that was not asked for, and that nobody looks at."""
    return runs[0]._replace(id=run_id, ref="")


def _same_run(reply: Reply, document: Document, run: Run, data: object) -> None:
    """Refuse an answer that names another run."""
    if document.poll.id is None:
        return
    found = id_of(document.poll.id(data))
    if not found:
        raise missing(reply, "id of the run")
    if found != run.id:
        raise reply.bad_answer(f"another run, {found}")


def _snapshot(row: Any, document: Document, run: Run, values: Mapping[str, Any]) -> Snapshot:  # noqa: ANN401  # any JSON
    """Return the state of one run."""
    poll = document.poll
    found = poll.status(row)
    (status, result, aborted), word, odd, inferred = _state(row, document, found)
    outcomes = document.results.outcomes.table() if document.results.outcomes else {}
    reported, doubts = reported_of(poll.counts, row, outcomes)
    waits = poll.waits.get(word)
    kept = keep(kept_of(run.ref), poll.keep, row)
    return Snapshot(
        run_id=run.id,
        status=status,
        word="" if word == "null" else word,
        result=result,
        reported=reported or Reported(Counts()),
        odd=odd,
        name=text_of(poll.name(row)) if poll.name is not None else "",
        seconds=lasted(poll.seconds, poll.began, poll.ended, row) if status is Status.ENDED else None,
        waits_for=_first_known(waits.for_, values) if waits else "",
        hint=_first_known(waits.hint, values) if waits else "",
        doubts=(*doubts, *(["its status cannot be read"] if is_odd(found) and not isinstance(found, bool) else [])),
        ref=kept.text,
        url=url_of(poll.url(row)) if poll.url is not None else "",
        inferred=inferred,
        aborted=aborted,
    )


def _first_known(texts: Sequence[str], values: Mapping[str, Any]) -> str:
    """The first text whose values are known; "" if there is none."""
    for text in texts:
        with contextlib.suppress(PlatformError):
            if found := filled_text(text, values):
                return one_line(found, 200)
    return ""


def _state(
    row: object, document: Document, found: object
) -> tuple[tuple[Status, RunResult | None, bool], str, str, bool]:
    """Status, result and whether it was given up; the word; the word again if no table knows it; and a guessed end."""
    poll, table = document.poll, document.poll.states.table()
    word = word_of(found)
    known = look_up(table, word)
    if poll.over is not None:
        if not poll.over.holds(row):
            return (known if known and known[0] is not Status.ENDED else _RUNNING), word, "", False
        known = known if known and known[0] is Status.ENDED else None
        ended = (Status.ENDED, RunResult.UNKNOWN, False)
        return _with_result(row, document, known or ended, word, odd="" if known else word)
    if known is not None:
        return _with_result(row, document, known, word, odd="")
    end = end_of(word) if word != "null" else None
    if end is not None:
        return (Status.ENDED, end.result or RunResult.UNKNOWN, False), word, "", True
    return _RUNNING, word, "no status" if word in {"", "null"} else word, False


def _with_result(
    row: object, document: Document, state: tuple[Status, RunResult | None, bool], word: str, *, odd: str
) -> tuple[tuple[Status, RunResult | None, bool], str, str, bool]:
    """The same, but for a run that has ended with the word of its result, where that is told apart."""
    poll = document.poll
    value = poll.result(row) if poll.result is not None and state[0] is Status.ENDED else None
    if value is None:
        return state, word, odd, False
    result = word_of(value)
    known = look_up(poll.states.table(), result)
    if known is not None and known[0] is Status.ENDED:
        return known, result, "", False
    return (Status.ENDED, RunResult.UNKNOWN, False), result, result, False
