"""Texts that repeat are cleaned once, and like every other."""

from hypothesis import given
from hypothesis import strategies as st

from testgate.model import Outcome, TestResult
from testgate.redact import Redactor
from testgate.runs.cleaning import LONGEST_NAME, Cleaner
from testgate.text import clean, one_line, tidy

KEY = "se<cret/key"
TEXTS = st.one_of(st.text(max_size=40), st.sampled_from([KEY, f" {KEY}\x00", "se<cr\x1b[0met/key", "Suite 1", "a  b"]))


@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS), max_size=12))
def test_a_remembered_text_is_as_clean_as_a_new_one(rows: list[tuple[str, str, str]]) -> None:
    """Whatever was cleaned before, the result is that of a cleaner that remembers nothing, without the secret."""
    redact = Redactor([KEY])
    cleaner = Cleaner(redact)
    for suite, machine, message in [*rows, *rows]:
        test = cleaner.test(TestResult("1", "Pay", Outcome.PASSED, "", "", suite, machine, message), True)
        assert test.suite == one_line(tidy(suite, redact), LONGEST_NAME)
        assert test == Cleaner(redact).test(test._replace(suite=suite, machine=machine, message=message), True)
        assert KEY not in f"{test.suite}\x00{test.machine}\x00{test.message}"
        assert clean(test.message) == test.message


def test_a_clean_test_stays_the_object_that_it_was() -> None:
    """Most tests are clean, and nothing is made again for them."""
    test = TestResult("1", "Pay", Outcome.PASSED, "SUCCESS", "2", "Shop", "Chrome", "fine")
    assert Cleaner(str).test(test, True) is test
