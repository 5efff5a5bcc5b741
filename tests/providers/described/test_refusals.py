"""Platforms that refuse with status 200: at the login, the trigger, the stop, and in saved answers."""

from collections.abc import Mapping

import pytest

from testgate.errors import Refused
from testgate.model import Run
from testgate.providers.described.explaining import SECTIONS, explain, saved
from tests.providers.described.kite import kite, provider
from tests.support.replies import reply

REFUSED = {"ok": False, "error": {"code": "BUSY", "text": "not now"}}
UNKNOWN = {"ok": False, "error": {"code": "NO_SUCH_SUITE", "text": "no suite"}}


def test_a_refused_login_is_a_wrong_key() -> None:
    """And no outage: asking again changes nothing."""
    call = provider(kite()).login()
    assert call is not None
    with pytest.raises(Refused, match='"text": "not now"') as caught:
        call.read(reply(REFUSED))
    assert caught.value.credentials
    assert "`api-key`" in caught.value.remedy


@pytest.mark.parametrize(("answer", "certain"), [(REFUSED, False), (UNKNOWN, True)])
def test_a_trigger_is_refused_for_certain_only_if_a_rule_says_so(answer: Mapping[str, object], certain: bool) -> None:
    """Otherwise its run is looked for, and the file's author learns what to write."""
    described = provider(kite())
    with pytest.raises(Refused) as caught:
        described.trigger(described.targets()[0], "mark").read(reply(answer))
    assert caught.value.certain is certain
    assert ("was not started" in caught.value.message) is certain
    assert ("`trigger.when`" in caught.value.remedy) is not certain


def test_a_refused_stop_is_none() -> None:
    """The run goes on, so nobody may say that it was stopped."""
    described = provider(kite())
    call = described.stop(Run("L-1", described.targets()[0]))
    assert call is not None
    with pytest.raises(Refused):
        call.read(reply(REFUSED))
    call.read(reply({"ok": True}))


def explained(file: str, text: str, old: str = "", new: str = "") -> tuple[str, bool]:
    """What is said about one saved answer, and whether it is wrong."""
    answer = saved(file, text.encode())
    assert answer is not None
    (read,) = explain(kite(old, new), [answer])
    return "\n".join(read.lines), read.wrong


CASES = """{"ok": true, "next": "c2", "data": {
    "results": [{"caseId": 11, "attempts": [{"no": 1, "outcome": "GREEN"}]},
                {"caseId": 11, "attempts": [{"no": 1, "outcome": "PUCE"}]}],
    "cases": [{"id": 11, "name": "Login"}]}}"""


@pytest.mark.parametrize(
    ("file", "text", "said", "wrong"),
    [
        ("login.json", '{"ok": false}', "refused", False),
        ("trigger.json", '{"ok": false, "error": {"code": "NO_SUCH_SUITE"}}', "refused: the target was not", False),
        ("trigger.json", '{"ok": false}', "not certain that nothing was started. If such an answer", True),
        ("trigger.json", '{"ok": true}', "nothing to run", False),
        ("poll.json", '{"ok": false}', "refused", False),
        ("results.json", '{"ok": true, "data": [{"exec": 5, "device": "d"}]}', "1 item\n", False),
        ("results.json", '{"ok": true, "data": [{"exec": 5, "device": "d"}]}', "kept: device = d", False),
        ("results.json", '{"ok": true, "data": [{"exec": 5}], "next": "c"}', "1 item; more pages follow", False),
        ("item.json", CASES, "2 tests; more pages follow", False),
        ("item.json", CASES, "passed   Login on kept", False),
        ("item.json", CASES, "the word 'PUCE' is in no list of `results.outcomes`", False),
        ("item.json", CASES, "1 of 2 have the `id` of another one", False),
        ("item.json", '{"ok": true, "data": {}}', "WRONG", True),
        ("find.json", '{"ok": true, "data": [{"uid": "L-1", "label": "x"}]}', "run L-1 with the mark 'x'", False),
        ("find.json", '{"ok": true}', "WRONG", True),
    ],
)
def test_saved_answers(file: str, text: str, said: str, wrong: bool) -> None:
    """Each says what the file reads, and what it misses."""
    found, is_wrong = explained(file, text)
    assert said in f"{found}\n"
    assert is_wrong is wrong


def test_a_join_that_fits_nothing_is_told() -> None:
    """The names would be missing in every report."""
    place = ('list = "_up._up.data.cases"', 'list = "cases"')
    text = CASES.replace(
        '"caseId": 11, "attempts": [{"no": 1, "outcome": "PUCE"', '"caseId": 12, "attempts": [{"no": 2'
    )
    assert "2 of 2 have no name at `_join.name`" in explained("item.json", text, *place)[0]


def test_other_files_are_no_answers() -> None:
    """Their names don't begin with a section."""
    assert saved("notes.json", b"{}") is None
    assert {"item", "find", "login"} <= {*SECTIONS}
