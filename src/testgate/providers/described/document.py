"""A provider file, format 1: a test platform described as data. `docs/providers.md` is its manual."""

from collections.abc import Mapping
from typing import Annotated

from testgate.providers.described.marks import Limits
from testgate.providers.described.opening import Opening
from testgate.providers.described.part import part
from testgate.providers.described.results import Results
from testgate.providers.described.sections import Check, Details, Poll, Queue, Rerun, Stop


@part
class Document(Opening):
    """A whole file."""

    queue: Queue | None = None
    poll: Poll
    results: Results
    rerun: Rerun | None = None
    stop: Stop | None = None
    details: Details | None = None
    checks: Annotated[list[Check], Limits(min_length=1)]

    def whole(self) -> "Document":
        """Itself."""
        return self

    @property
    def kept(self) -> Mapping[str, None]:
        """The names of what is kept with a run, in order."""
        queue = self.queue.keep if self.queue else {}
        return dict.fromkeys([*self.trigger.keep, *queue, *self.poll.keep])
