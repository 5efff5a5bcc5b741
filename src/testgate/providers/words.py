"""Words of an end that the field uses, for states that a vendor's own table lacks."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from testgate.model import RunResult

_NOT_A_LETTER = re.compile(r"[^a-z]+")
_WRAPPING = re.compile(r"^(?:status|state|run|job|execution|test|testrun)(?=.)")
# What follows a word of an end, as in "completed with errors".
_WITH = re.compile(r"(?<=.)with(?:out)?(?:errors?|failures?|warnings?|issues?)$")

# None: the word says that the run has ended, and not how.
_ENDS: Mapping[str, RunResult | None] = MappingProxyType(
    {
        **dict.fromkeys(("cancelled", "canceled", "cancel"), RunResult.STOPPED),
        **dict.fromkeys(("aborted", "abort", "stopped", "terminated", "killed", "interrupted"), RunResult.STOPPED),
        **dict.fromkeys(("userstopped", "usercancelled", "useraborted", "forcestopped"), RunResult.STOPPED),
        **dict.fromkeys(("failed", "failure", "fail", "error", "errored", "errors", "broken"), RunResult.FAILED),
        **dict.fromkeys(("crashed", "timedout", "timeout", "expired", "rejected"), RunResult.FAILED),
        **dict.fromkeys(("finished", "done", "complete", "completed", "ended", "end", "closed", "finalized"), None),
        **dict.fromkeys(("passed", "pass", "success", "successful", "succeeded", "ok"), RunResult.PASSED),
    }
)


class Ended:
    """That a word means an end, and what it says about the result; `result` is None if it says nothing."""

    __slots__ = ("result",)

    def __init__(self, result: RunResult | None) -> None:
        self.result = result


def end_of(word: str) -> Ended | None:
    """What a word means if it means an end, in any case and spelling; None if it doesn't."""
    plain = _NOT_A_LETTER.sub("", word.lower())
    while plain not in _ENDS and (shorter := _WRAPPING.sub("", plain)) != plain:
        plain = shorter
    with_more = _WITH.search(plain)
    base = _WITH.sub("", plain)
    if base not in _ENDS:
        return None
    red = with_more is not None and with_more.group().startswith(("witherror", "withfail"))
    return Ended(RunResult.FAILED if red else _ENDS[base])
