"""Results of a test from attempt to attempt."""

import pytest

from testgate.demo.testsigma.runs import attempt_of
from testgate.demo.testsigma.scenarios import Iteration, Test


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (Test("t", "FAILURE", "no"), [("FAILURE", "no")] * 4),
        (Test("t"), [("SUCCESS", None)] * 4),
        (
            Test("t", "FAILURE", "no", later=("SUCCESS",)),
            [("FAILURE", "no"), ("SUCCESS", None), ("SUCCESS", None), ("SUCCESS", None)],
        ),
        (
            Test("t", "FAILURE", "no", later=("ABORTED", "SUCCESS"), later_messages=("lost",)),
            [("FAILURE", "no"), ("ABORTED", "lost"), ("SUCCESS", "lost"), ("SUCCESS", "lost")],
        ),
        (
            Test("t", "FAILURE", "1", later_messages=("2", "3")),
            [("FAILURE", "1"), ("FAILURE", "2"), ("FAILURE", "3"), ("FAILURE", "3")],
        ),
    ],
)
def test_results_and_messages(test: Test, expected: list[tuple[str, str | None]]) -> None:
    """Later results and messages apply in order, the last one repeats, and none means no change."""
    attempts = [attempt_of(test, number) for number in range(4)]
    assert [(attempt.word, attempt.message) for attempt in attempts] == expected


def test_iterations() -> None:
    """Iterations pass when their test does, otherwise end as before, and can have their own results."""
    test = Test(
        "t",
        "FAILURE",
        later=("FAILURE", "SUCCESS"),
        iterations=(Iteration("a"), Iteration("b", "FAILURE"), Iteration("c", "FAILURE", later=("SUCCESS",))),
    )
    words = [[each.word for each in attempt_of(test, number).iterations] for number in range(3)]
    assert words == [
        ["SUCCESS", "FAILURE", "FAILURE"],
        ["SUCCESS", "FAILURE", "SUCCESS"],
        ["SUCCESS", "SUCCESS", "SUCCESS"],
    ]
