"""The engine survives any answer to any request, and is green only if everything really passed."""

import json

from hypothesis import given
from hypothesis import strategies as st

from testgate.model import Conclusion
from testgate.wire import Reply, Request
from tests.soak.play import play_fuzzed

WORDS = ("STATUS_COMPLETED", "STATUS_IN_PROGRESS", "FAILURE", "STOPPED", "ABORTED", "NOT_EXECUTED", "", "1001", "::x::")
NAMES = (
    *("id", "status", "result", "consolidatedStatus", "consolidatedResult", "childResult", "execution", "executionId"),
    *("totalCount", "passedCount", "failedCount", "testCases", "testCaseResultId", "testCaseId", "testCaseName"),
    *("content", "data", "totalPages", "message", "duration", "iterationResults", "error", "executionResultId"),
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(WORDS)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=15,
)
bodies = st.binary(max_size=60) | values.map(lambda value: json.dumps(value).encode())
answers = st.tuples(
    st.sampled_from((200, 200, 200, 201, 204, 302, 400, 401, 403, 404, 409, 418, 429, 500, 503, 599)),
    st.dictionaries(
        st.sampled_from(("retry-after", "location", "date", "content-type")),
        st.text(max_size=12) | st.sampled_from(("3", "Wed, 21 Oct 2015 07:28:00 GMT")),
        max_size=2,
    ),
    bodies,
)


def starts_another(request: Request, status: int, body: bytes) -> bool:
    """Whether the answer to a start names some run: nobody could distinguish it from an honest answer."""
    if request.method != "POST" or not 200 <= status < 300:
        return False
    try:
        data = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return False
    named = data.get("id") if isinstance(data, dict) else None
    return isinstance(named, str | int) and not isinstance(named, bool)


@given(bad=st.lists(answers, min_size=1, max_size=12), after_start=st.booleans(), failing=st.booleans())
def test_any_answers_are_survived(
    bad: list[tuple[int, dict[str, str], bytes]], *, after_start: bool, failing: bool
) -> None:
    """The answers are given in turn, over and over; nothing is green if there are no others."""
    turns = iter(range(1_000_000))

    def lie(request: Request) -> Reply | None:
        if after_start and request.method == "POST":
            return None
        status, headers, body = bad[next(turns) % len(bad)]
        if starts_another(request, status, body):
            return None
        return Reply(status, headers, body, request)

    problems, conclusions = play_fuzzed(lie, failing=failing)
    assert not problems
    assert Conclusion.PASSED not in conclusions


@given(bad=answers, place=st.integers(min_value=0, max_value=12))
def test_one_bad_answer_turns_no_failing_run_green(bad: tuple[int, dict[str, str], bytes], place: int) -> None:
    """One answer during a failing run is replaced, at any position."""
    turns = iter(range(1_000_000))

    def lie(request: Request) -> Reply | None:
        status, headers, body = bad
        if next(turns) != place or starts_another(request, status, body):
            return None
        return Reply(status, headers, body, request)

    problems, conclusions = play_fuzzed(lie, failing=True)
    assert not problems
    assert Conclusion.PASSED not in conclusions
