"""A test platform that a provider file describes: the requests to it, each with the reader of its answer."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from testgate.errors import PlatformError
from testgate.model import Origin, Page, Reported, Run, Snapshot, Target, TestResult
from testgate.ports import Targets
from testgate.providers.described.answers import content_of, first_text, lenient, missing, refuse, said
from testgate.providers.described.asking import Asker
from testgate.providers.described.document import Document
from testgate.providers.described.lists import Lists
from testgate.providers.described.parts import Ask
from testgate.providers.described.polling import queued_of, refuse_unknown, snapshots_of, waits_in_queue
from testgate.providers.described.refs import Kept, chosen_of, kept_of
from testgate.providers.described.scopes import MARK, uses
from testgate.providers.described.sections import Check
from testgate.providers.described.starting import found_runs, started
from testgate.providers.described.targets import targets_of
from testgate.providers.described.templates import filled, filled_text, placeholders
from testgate.providers.shared import attached
from testgate.shapes import id_of, line_of, text_of
from testgate.text import one_line
from testgate.wire import Call, Reply

_UNAUTHORIZED = 401
_LOGIN = "Check `api-key`, and the values that the request under `login` sends."
_CANNOT = "this platform cannot {what}"


class Described:
    """Implements `ports.Provider` from a document."""

    def __init__(self, asker: Asker, run_ids: Sequence[str] = ()) -> None:
        self._asker = asker
        self._document = asker.document
        self._values = {f"value.{name}": value for name, value in asker.given.values.items()}
        self._run_ids = run_ids
        self._lists = Lists(asker, self._values, self._about)

    @property
    def poll_batch(self) -> int:
        """The maximum number of runs in one poll; runs that wait in a queue are read one by one."""
        return 1 if self._document.queue else self._document.poll.batch

    def login(self) -> Call[str] | None:
        """Ask for a token, if the file has a login."""
        login = self._document.login
        if login is None:
            return None

        return Call("log in", self._asker.request(login, {}, signed=False), partial(_token, document=self._document))

    def targets(self) -> Sequence[Target]:
        """What the values select."""
        return targets_of(self._document, self._asker.given)

    def attached(self) -> Sequence[Run]:
        """The runs of `run-id`."""
        return [self._with_page(attached(each)) for each in self._run_ids]

    def named(self) -> Sequence[str]:
        """Nothing is selected by name."""
        return ()

    def uploader(self) -> None:
        """Nothing to upload: the format describes none."""

    def seek(self, name: str, cursor: str | None, *, everything: bool) -> Call[Targets]:
        """Nothing is selected by name.

        Raises:
            PlatformError: always.

        """
        del cursor, everything
        raise PlatformError(_CANNOT.format(what=f"look for {name}"))

    def trigger(self, target: Target, mark: str) -> Call[Run]:
        """Start the target, or rerun what it says."""
        chosen, document = chosen_of(target.ref), self._document
        scope: dict[str, Any] = {"it": chosen.it, "mark": mark}
        own = {"request": chosen.request} if chosen.request else {}
        ask: Ask = document.trigger.model_copy(update=own)
        ids = document.trigger.id
        if chosen.rerun is not None and document.rerun is not None:
            run = Run(str(chosen.rerun["id"]), target, ref=str(chosen.rerun["ref"]))
            scope |= {**self._about(run), "failed.id": chosen.rerun["ids"], "failed.case": chosen.rerun["cases"]}
            scope["target.send"] = filled(document.rerun.send, {**self._values, **scope})
            if document.rerun.request is not None:
                ask = document.rerun.ask(document.rerun.request)
                ids = document.rerun.id or ids
        else:
            scope["target.send"] = filled(chosen.send or {}, {**self._values, **scope})
        request = self._asker.request(ask, scope)
        read = partial(self._started, target=target, ids=ids, mark=mark)
        return Call(f"start {target.name}", request, read, repeatable=False)

    def _started(self, reply: Reply, target: Target, ids: Sequence[Any], mark: str) -> Run:
        """The run that was started, with a page for people."""
        run = started(reply, self._document, target, ids)
        runs = [self._with_page(_marked(each, mark, self._document)) for each in (run, *run.others)]
        return runs[0]._replace(others=tuple(runs[1:]))

    def rerun(self, run: Run, failed: Sequence[TestResult] | None) -> Target:
        """Return a target that reruns these tests.

        Raises:
            PlatformError: the file says no way, or the tests have no ids.

        """
        rerun = self._document.rerun
        unknown = any(not _own_id(test) for test in failed or ()) and uses(self._document, "failed.id")
        if rerun is None or unknown or (not failed and rerun.request is None):
            remedy = "Start the tests again with `command: run`."
            raise PlatformError(_CANNOT.format(what="rerun failed tests of a run"), remedy=remedy)
        tests = failed or ()
        again = {
            "id": run.id,
            "ref": run.ref,
            "ids": [each for each in map(_own_id, tests) if each],
            "cases": list(dict.fromkeys(test.case_id or test.name for test in tests)),
        }
        return run.target._replace(ref=chosen_of(run.target.ref)._replace(rerun=again).text)

    def resumed(self, target: Target, run_id: str) -> Run:
        """Return a run of the target that an earlier step started."""
        return self._with_page(attached(run_id)._replace(target=target))

    def find(self, target: Target, mark: str) -> Call[Sequence[Run]] | None:
        """Look for runs with the mark; None if the file doesn't say how."""
        find = self._document.find
        if find is None:
            return None
        request = self._asker.request(find, {"it": chosen_of(target.ref).it, "mark": mark})

        def read(reply: Reply) -> Sequence[Run]:
            data = content_of(reply, self._document, empty=True)
            runs = found_runs(reply, self._document, data, target, mark)
            return [_marked(run, mark, self._document) for run in runs]

        return Call(f"look for runs of {target.name}", request, read)

    def poll(self, runs: Sequence[Run]) -> Call[Sequence[Snapshot]]:
        """Read the state of runs."""
        document, (first, *_others) = self._document, runs
        what = f"read run {first.id}" if len(runs) == 1 else f"read {len(runs)} runs"
        if document.queue is not None and waits_in_queue(document, first):
            request = self._asker.request(document.queue, self._about(first))
            return Call(what, request, partial(queued_of, document=document, run=first))
        refuse_unknown(document, first)
        request = self._asker.request(document.poll, {**self._about(first), "runs": [run.id for run in runs]})
        return Call(what, request, partial(snapshots_of, document=document, runs=runs, values=self._values))

    def results(self, run: Run, cursor: str | None) -> Call[Page] | None:
        """Ask for one page of tests; None while what the request needs isn't known."""
        return self._lists.page(run, cursor)

    def live(self, run: Run) -> Call[Reported] | None:
        """Ask for the counters in the list of tests while the run goes on, if the file says so."""
        return self._lists.counters(run) if self._document.results.live else None

    def diagnose(self, run: Run, test: TestResult) -> Call[str] | None:
        """Ask for the step in which the test failed, if the file says how."""
        details = self._document.details
        if details is None:
            return None
        names = {**self._about(run), "test.id": _own_id(test), "test.case": test.case_id}
        if any(not names.get(name, True) for name, _alone in placeholders([details.path, details.query, details.body])):
            return None
        request = self._asker.request(details, names)

        def read(reply: Reply) -> str:
            return line_of(first_text(details.text, content_of(reply, self._document)))

        return Call(f"read the steps of {one_line(test.name, 100)}", request, read, essential=False)

    def stop(self, run: Run) -> Call[None] | None:
        """Stop this run; None if the file doesn't say how."""
        queue, stop = self._document.queue, self._document.stop
        if queue is not None and waits_in_queue(self._document, run):
            stop = queue.stop
        if stop is None:
            return None

        def read(reply: Reply) -> None:
            if reply.status not in stop.accepts:
                reply.check()
                refuse(reply, self._document, lenient(reply))

        return Call(f"stop run {run.id}", self._asker.request(stop, self._about(run)), read, repeatable=False)

    def stop_all(self) -> None:
        """Impossible: no file says how."""

    def checks(self) -> Sequence[tuple[str, Call[str]]]:
        """The harmless questions of the file."""
        found = []
        for check in self._document.checks:
            items = self._values.get(f"value.{check.each}", ()) if check.each else (None,)
            for it in items:
                request = self._asker.request(check, {"it": it})
                name = filled_text(check.name, {**self._values, "it": it}) or check.name
                read = partial(_answer_to, document=self._document, check=check)
                found.append((name, Call(f"ask about {name}", request, read)))
        return found

    def _about(self, run: Run) -> Mapping[str, Any]:
        """What the placeholders about a run stand for. `it` of a foreign run is the only item that was given."""
        it = chosen_of(run.target.ref).it
        if it is None:
            items = {name for target in self._document.targets for name in target.values}
            given = [item for name in items for item in _items(self._values.get(f"value.{name}"))]
            it = given[0] if len(given) == 1 else None
        kept = {f"run.{name}": value for name, value in kept_of(run.ref).items()}
        return {"run.id": run.id, "run.url": run.url, "it": it, **kept}

    def _with_page(self, run: Run) -> Run:
        """The run with its page for people, if the file says where it is."""
        if run.url or not self._document.link:
            return run
        try:
            return run._replace(url=filled_text(self._document.link, {**self._values, **self._about(run)}) or "")
        except PlatformError:
            return run  # without what the address needs, there is no page


def _answer_to(reply: Reply, document: Document, check: Check) -> str:
    """What the answer to a question says."""
    data = content_of(reply, document)
    answer = one_line(said(check.says(data)), 200) if check.says is not None else ""
    if check.says is not None and not answer:
        raise missing(reply, "name")
    return answer or "the platform accepts it"


def _token(reply: Reply, document: Document) -> str:
    """The token in the answer to a login. A refusal with status 200 is that of the key, as with 401."""
    data = reply.data()
    refuse(reply, document, data, status=_UNAUTHORIZED, remedy=_LOGIN)
    token = text_of(document.login.token(data)) if document.login is not None else ""
    if not token or not all("!" <= each <= "~" for each in token):
        raise missing(reply, "token")
    return token


def _own_id(test: TestResult) -> str:
    """The platform's id of a test, without that of its item; "" if it gives none."""
    return id_of(test.id.partition(" ")[0])


def _marked(run: Run, mark: str, document: Document) -> Run:
    """A run of ours that remembers its mark, if requests of the file name it."""
    if run.origin is not Origin.STARTED or not uses(document, MARK):
        return run
    return run._replace(ref=Kept({**kept_of(run.ref), "mark": mark}).text)


def _items(value: object) -> list[Any]:
    """The items of a value."""
    return value if isinstance(value, list) else [value] if value is not None else []
