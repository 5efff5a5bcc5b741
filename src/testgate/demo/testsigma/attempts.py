"""What becomes of a test in a rerun, as its data says. Pure."""

from typing import TypeVar

from testgate.demo.testsigma.scenarios import Iteration, Test
from testgate.demo.testsigma.timeline import PASSING

T = TypeVar("T")


def attempt_of(test: Test, number: int) -> Test:
    """The test as it ends in one attempt: 0 is the first run, 1 its rerun, and so on."""
    if number == 0:
        return test
    word = nth(test.later, number, test.word)
    before = None if word in PASSING else test.message
    iterations = tuple(
        iteration._replace(word=nth(iteration.later, number, _followed(iteration, word)))
        for iteration in test.iterations
    )
    return test._replace(word=word, message=nth(test.later_messages, number, before), iterations=iterations)


def _followed(iteration: Iteration, word: str) -> str:
    """The word of an iteration without words of its own: it passes when its test does."""
    return "SUCCESS" if word in PASSING else iteration.word


def nth(values: tuple[T, ...], number: int, otherwise: T) -> T:
    """The value of a rerun, counted from 1; the last holds for all that follow."""
    return values[min(number, len(values)) - 1] if values else otherwise
