"""What is run, and a run on the platform."""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from testgate.model.tests import Counts, Reported, RunResult, TestResult


class Status(Enum):
    """The state of a run; its outcome is a `RunResult`."""

    QUEUED = "queued"
    RUNNING = "running"
    ENDED = "ended"


class Target(NamedTuple):
    """Something to run once on a platform, such as a test plan. Only its provider reads `ref`.

    `environment` is the one that the user chose to run it in: in another one, its tests are others.
    """

    key: str
    name: str
    ref: str = ""
    environment: str = ""


class Intent(NamedTuple):
    """A trigger that may have started a run, and got no answer. `target` is the key of its target, `mark` is ours.

    `build_no` is the build number that the run carries on the platform; "" if it carries none.
    """

    target: str
    mark: str
    build_no: str = ""


class Origin(Enum):
    """Who started a run. Only STARTED runs may be stopped without the user asking for it."""

    STARTED = "started"
    ADOPTED = "adopted"  # the platform answered our trigger with a run that already existed
    ATTACHED = "attached"


class Run(NamedTuple):
    """A run on the platform. `url` is its page for people, "" if there is none.

    `ref` is whatever its provider wants to remember about it; nobody else reads it. `ancestors` are
    the ids of the runs that it is a rerun of, if the platform itself started it: it is stopped only
    if its own snapshot names one of them. `others` are the runs that the same trigger started beside it.
    """

    id: str
    target: Target
    url: str = ""
    origin: Origin = Origin.STARTED
    ref: str = ""
    ancestors: tuple[str, ...] = ()
    others: tuple["Run", ...] = ()


class Snapshot(NamedTuple):
    """A run at one moment. `word` is the platform's own word for its state or, at the end, its result.

    `odd` is a word that no table knows: it is logged once, and the wait continues. `name` is the
    target's name on the platform. `seconds` is the run's duration, at its end. `waits_for` is what
    the platform waits for before it can continue, `hint` what people can do about it. `successor` is
    the run that the platform itself started to rerun failed tests of this one. `whole` is the
    platform's result of this run and its successors together. `listed` is what the list of tests
    says about the run. `doubts` say what contradicts or cannot be read: with a doubt, nothing is
    proven green. `parent` is the id of the run that this one is a rerun of, if the platform says so.
    `ref` replaces the run's `ref`. `inferred` marks an end that only the meaning of an undocumented
    word shows: green then needs every witness. `aborted` marks a run that the platform itself gave up, or for which it
    had no machine; one that a person stopped, or may have, is not.
    """

    run_id: str
    status: Status
    word: str = ""
    result: RunResult | None = None
    reported: Reported = Reported(Counts())
    odd: str = ""
    name: str = ""
    seconds: float | None = None
    waits_for: str = ""
    hint: str = ""
    successor: Run | None = None
    whole: RunResult | None = None
    listed: RunResult | None = None
    doubts: tuple[str, ...] = ()
    parent: str = ""
    ref: str = ""
    inferred: bool = False
    aborted: bool = False

    def confirms(self, run: Run) -> bool:
        """Whether the platform itself says that this is the rerun that we take it for."""
        return not run.ancestors or (self.parent in run.ancestors and self.ref == run.ref)

    def contradicts(self, run: Run) -> bool:
        """Whether the platform says that this run belongs to another plan, or reruns another run."""
        other_parent = bool(self.parent) and self.parent not in run.ancestors
        other_plan = bool(self.ref) and bool(run.ref) and self.ref != run.ref
        return bool(run.ancestors) and (other_parent or other_plan)


class Attempt(NamedTuple):
    """A run as far as it was watched. The platform itself started an `automatic` one.

    `read` is False until its list of tests was read: an unread list is not an empty one.
    """

    run: Run
    snapshot: Snapshot | None = None
    tests: Sequence[TestResult] = ()
    automatic: bool = False
    read: bool = True

    @property
    def ended(self) -> bool:
        """Whether the platform said that the run has ended."""
        return has_ended(self.snapshot)


def has_ended(snapshot: Snapshot | None) -> bool:
    """Whether this is the snapshot of a run that has ended."""
    return snapshot is not None and snapshot.status is Status.ENDED
