"""The requests about a run that was started, each with the reader of its answer."""

from collections.abc import Sequence
from functools import partial

from testgate.model import Page, Reported, Run, Snapshot, TestResult
from testgate.providers.described.answers import content_of, first_text, lenient, refuse
from testgate.providers.described.asking import Asker
from testgate.providers.described.document import Document
from testgate.providers.described.lists import Lists
from testgate.providers.described.naming import Naming, own_id
from testgate.providers.described.polling import queued_of, refuse_unknown, snapshots_of, waits_in_queue
from testgate.providers.described.templates import placeholders
from testgate.shapes import line_of
from testgate.text import one_line
from testgate.wire import Call, Reply


class Watching:
    """The part of `ports.Provider` that nothing needs before a run was started. All of it is about runs."""

    def __init__(self, asker: Asker, document: Document, naming: Naming) -> None:
        self._asker = asker
        self._document = document
        self._naming = naming
        self._lists = Lists(asker, document, naming)

    @property
    def batch(self) -> int:
        """The maximum number of runs in one poll; runs that wait in a queue are read one by one."""
        return 1 if self._document.queue else self._document.poll.batch

    def poll(self, runs: Sequence[Run]) -> Call[Sequence[Snapshot]]:
        """Read the state of runs."""
        document, (first, *_others) = self._document, runs
        what = f"read run {first.id}" if len(runs) == 1 else f"read {len(runs)} runs"
        if document.queue is not None and waits_in_queue(document, first):
            request = self._asker.request(document.queue, self._naming.about(first))
            return Call(what, request, partial(queued_of, document=document, run=first))
        refuse_unknown(document, first)
        request = self._asker.request(document.poll, {**self._naming.about(first), "runs": [run.id for run in runs]})
        return Call(what, request, partial(snapshots_of, document=document, runs=runs, values=self._naming.values))

    def results(self, run: Run, cursor: str | None) -> Call[Page] | None:
        """Ask for one page of tests; None while what the request needs isn't known."""
        return self._lists.page(run, cursor)

    def live(self, run: Run) -> Call[Reported] | None:
        """Ask for the counters of the test list while the run is in progress; None unless the file asks for it."""
        return self._lists.counters(run) if self._document.results.live else None

    def diagnose(self, run: Run, test: TestResult) -> Call[str] | None:
        """Ask for the step in which the test failed, if the file says how."""
        details = self._document.details
        if details is None:
            return None
        names = {**self._naming.about(run), "test.id": own_id(test), "test.case": test.case_id}
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

        return Call(f"stop run {run.id}", self._asker.request(stop, self._naming.about(run)), read, repeatable=False)
