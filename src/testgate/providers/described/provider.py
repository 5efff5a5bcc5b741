"""A test platform that a provider file describes: the requests to it, each with the reader of its answer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from testgate.errors import PlatformError
from testgate.model import Origin, Page, Reported, Run, Snapshot, Target, TestResult
from testgate.ports import Targets
from testgate.providers.described.answers import content_of, missing, refuse, said, unshown
from testgate.providers.described.asking import Asker
from testgate.providers.described.naming import Naming, own_id
from testgate.providers.described.opening import Opening
from testgate.providers.described.parts import Ask
from testgate.providers.described.refs import MARK, Kept, chosen_of, kept_of
from testgate.providers.described.starting import started
from testgate.providers.described.targets import targets_of
from testgate.providers.described.templates import filled, filled_text
from testgate.providers.shared import attached
from testgate.shapes import text_of
from testgate.text import one_line
from testgate.wire import Call, Reply

if TYPE_CHECKING:
    from testgate.providers.described.document import Document
    from testgate.providers.described.sections import Check
    from testgate.providers.described.watching import Watching

_UNAUTHORIZED = 401
_LOGIN = "Check `api-key`, and the values that the request under `login` sends."
_NO_RERUN = "this platform cannot rerun failed tests of a run"
_AGAIN = "Start the tests again with `command: run`."


class Described:
    """Implements `ports.Provider` from a document. Of that, only the opening is needed to start runs."""

    def __init__(self, asker: Asker, run_ids: Sequence[str] = ()) -> None:
        self._asker = asker
        self._opening = asker.opening
        self._naming = Naming(asker.opening, asker.values)
        self._run_ids = run_ids

    @cached_property
    def _document(self) -> "Document":
        """The whole document."""
        return self._opening.whole()

    @cached_property
    def _watching(self) -> "Watching":
        """What asks about runs."""
        from testgate.providers.described.watching import Watching  # a run is started sooner without it

        return Watching(self._asker, self._document, self._naming)

    @property
    def poll_batch(self) -> int:
        """The maximum number of runs in one poll."""
        return self._watching.batch

    def login(self) -> Call[str] | None:
        """Ask for a token, if the file has a login."""
        login = self._opening.login
        if login is None:
            return None
        return Call("log in", self._asker.request(login, {}, signed=False), partial(_token, opening=self._opening))

    def targets(self) -> Sequence[Target]:
        """What the values select."""
        return targets_of(self._opening, self._asker.given)

    def attached(self) -> Sequence[Run]:
        """The runs of `run-id`."""
        return [self._naming.with_page(attached(each)) for each in self._run_ids]

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
        raise PlatformError(f"this platform cannot look for {name}")

    def trigger(self, target: Target, mark: str) -> Call[Run]:
        """Start the target, or rerun what it says."""
        chosen, trigger = chosen_of(target.ref), self._opening.trigger
        ask: Ask = replace(trigger, request=chosen.request) if chosen.request else trigger
        scope: dict[str, Any] = {"it": chosen.it, "mark": mark}
        ids: Sequence[Any] = trigger.id
        if chosen.rerun is not None:
            ask, ids, scope = self._again(chosen.rerun, target, ask, scope)
        else:
            scope["target.send"] = filled(chosen.send or {}, {**self._naming.values, **scope})
        read = partial(self._started, target=target, ids=ids, mark=mark)
        return Call(f"start {target.name}", self._asker.request(ask, scope), read, repeatable=False)

    def _again(
        self, again: Mapping[str, Any], target: Target, ask: Ask, scope: Mapping[str, Any]
    ) -> tuple[Ask, Sequence[Any], dict[str, Any]]:
        """The request for a rerun, the places of the id in its answer, and what its placeholders stand for."""
        rerun, ids = self._document.rerun, self._opening.trigger.id
        if rerun is None:
            raise PlatformError(_NO_RERUN, remedy=_AGAIN)
        run = Run(str(again["id"]), target, ref=str(again["ref"]))
        names = {**scope, **self._naming.about(run), "failed.id": again["ids"], "failed.case": again["cases"]}
        names["target.send"] = filled(rerun.send, {**self._naming.values, **names})
        if rerun.request is None:
            return ask, ids, names
        return rerun.ask(rerun.request), rerun.id or ids, names

    def _started(self, reply: Reply, target: Target, ids: Sequence[Any], mark: str) -> Run:
        """The run that was started, with a page for people."""
        run = started(reply, self._opening, target, ids)
        runs = [self._naming.with_page(self._marked(each, mark)) for each in (run, *run.others)]
        return runs[0]._replace(others=tuple(runs[1:]))

    def _marked(self, run: Run, mark: str) -> Run:
        """A run of ours that remembers its mark, if requests of the file name it."""
        if run.origin is not Origin.STARTED or not self._uses(MARK):
            return run
        return run._replace(ref=Kept({**kept_of(run.ref), "mark": mark}).text)

    def _uses(self, name: str) -> bool:
        """Whether the requests of the file use this placeholder."""
        from testgate.providers.described.scopes import uses  # not needed before a run was started

        return uses(self._document, name)

    def rerun(self, run: Run, failed: Sequence[TestResult] | None) -> Target:
        """Return a target that reruns these tests.

        Raises:
            PlatformError: the file says no way, or the tests have no ids.

        """
        rerun = self._document.rerun
        unknown = any(not own_id(test) for test in failed or ()) and self._uses("failed.id")
        if rerun is None or unknown or (not failed and rerun.request is None):
            raise PlatformError(_NO_RERUN, remedy=_AGAIN)
        tests = failed or ()
        again = {
            "id": run.id,
            "ref": run.ref,
            "ids": [each for each in map(own_id, tests) if each],
            "cases": list(dict.fromkeys(test.case_id or test.name for test in tests)),
        }
        return run.target._replace(ref=chosen_of(run.target.ref)._replace(rerun=again).text)

    def resumed(self, target: Target, run_id: str) -> Run:
        """Return a run of the target that an earlier step started."""
        return self._naming.with_page(attached(run_id)._replace(target=target))

    def find(self, target: Target, mark: str) -> Call[Sequence[Run]] | None:
        """Look for runs with the mark; None if the file doesn't say how."""
        find = self._opening.find
        if find is None:
            return None
        from testgate.providers.described.finding import found_runs  # needed only if a trigger got no answer

        request = self._asker.request(find, {"it": chosen_of(target.ref).it, "mark": mark})

        def read(reply: Reply) -> Sequence[Run]:
            data = content_of(reply, self._opening, empty=True)
            runs = found_runs(reply, self._opening, data, target, mark)
            return [self._marked(run, mark) for run in runs]

        return Call(f"look for runs of {target.name}", request, read)

    def poll(self, runs: Sequence[Run]) -> Call[Sequence[Snapshot]]:
        """Read the state of runs."""
        return self._watching.poll(runs)

    def results(self, run: Run, cursor: str | None) -> Call[Page] | None:
        """Ask for one page of tests; None while what the request needs isn't known."""
        return self._watching.results(run, cursor)

    def live(self, run: Run) -> Call[Reported] | None:
        """Ask for the counters of the test list while the run is in progress; None unless the file asks for it."""
        return self._watching.live(run)

    def diagnose(self, run: Run, test: TestResult) -> Call[str] | None:
        """Ask for the step in which the test failed, if the file says how."""
        return self._watching.diagnose(run, test)

    def stop(self, run: Run) -> Call[None] | None:
        """Stop this run; None if the file doesn't say how."""
        return self._watching.stop(run)

    def stop_all(self) -> None:
        """Impossible: no file says how."""

    def checks(self) -> Sequence[tuple[str, Call[str]]]:
        """The harmless questions of the file."""
        found = []
        for check in self._document.checks:
            items = self._naming.values.get(f"value.{check.each}", ()) if check.each else (None,)
            for it in items:
                request = self._asker.request(check, {"it": it})
                name = filled_text(check.name, {**self._naming.values, "it": it}) or check.name
                read = partial(_answer_to, opening=self._opening, check=check)
                found.append((name, Call(f"ask about {name}", request, read)))
        return found


def _answer_to(reply: Reply, opening: Opening, check: "Check") -> str:
    """What the answer to a question says."""
    data = content_of(reply, opening)
    answer = one_line(said(check.says(data)), 200) if check.says is not None else ""
    if check.says is not None and not answer:
        raise missing(reply, "name")
    return answer or "the platform accepts it"


def _token(reply: Reply, opening: Opening) -> str:
    """The token in the answer to a login. A refusal with status 200 is that of the key, as with 401."""
    data = unshown(reply).data()
    token = text_of(opening.login.token(data)) if opening.login is not None else ""
    refuse(unshown(reply) if token else reply, opening, data, status=_UNAUTHORIZED, remedy=_LOGIN)
    if not token or not all("!" <= each <= "~" for each in token):
        raise missing(unshown(reply), "token")
    return token
