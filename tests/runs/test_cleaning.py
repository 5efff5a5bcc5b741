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


NAMES = st.one_of(TEXTS, st.sampled_from(["", "Pay", "§", "a §", "§ b", "x" * 201, KEY[:4], KEY[4:], "\n", "\u00a0"]))


@given(st.lists(st.tuples(NAMES, NAMES, NAMES, TEXTS), max_size=8), st.booleans())
def test_what_is_plain_together_is_clean_alone(rows: list[tuple[str, str, str, str]], named: bool) -> None:
    """Whatever a page holds, its tests are those of a cleaner that looks at each text."""
    redact = Redactor([KEY])
    tests = [TestResult("1", name, Outcome.FAILED, "", case, suite, "", said) for name, case, suite, said in rows]
    cleaner = Cleaner(redact)
    plain = cleaner.plain(tests, named=named)
    for test in tests:
        found, alone = cleaner.test(test, True, plain=plain), Cleaner(redact).test(test, True)
        assert found == (alone if test.name or not plain else alone._replace(name=""))
        assert not (plain and named and not test.name)


def test_most_pages_are_plain() -> None:
    """Also with messages of several lines, and with signs of other languages."""
    tests = [TestResult(str(n), f"Prüfung {n}", Outcome.FAILED, "FAILURE", "2", "店", "", "a\nb") for n in range(500)]
    assert Cleaner(Redactor([KEY])).plain(tests, named=True)
    assert not Cleaner(Redactor([KEY])).plain([*tests, tests[0]._replace(suite=f"of {KEY}")], named=True)
