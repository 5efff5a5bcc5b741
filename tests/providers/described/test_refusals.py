"""Platforms that refuse with status 200: at the login, the trigger, the stop, and in saved answers."""

from collections.abc import Mapping

import pytest

from testgate.errors import BadAnswer, Refused
from testgate.model import Run
from testgate.providers.described.explaining import SECTIONS, explain, saved
from testgate.providers.described.loading import load
from tests.providers.described.kite import FILE, kite, provider
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


@pytest.mark.parametrize("means", ["busy", "refused"])
@pytest.mark.parametrize(
    ("places", "answer"),
    [
        ('id = "uid"', {"ok": True, "uid": "L-1", "message": "no free slot for the last suite"}),
        ('several = "runs"\nid = "uid"', {"ok": True, "runs": [{"uid": "L-1"}], "message": "no free slot for one"}),
    ],
)
def test_a_run_that_was_started_is_never_started_again(means: str, places: str, answer: object) -> None:
    """Nor given up, whatever a rule says: an answer that names a run has started one."""
    rule = f'any = ["message"]\nholds = "no free slot"\nmeans = "{means}"'
    old = 'if = "error.code == \'NO_SUCH_SUITE\'"\nmeans = "refused"'
    text = FILE.read_text(encoding="utf-8").replace(old, rule, 1).replace('id = "data.launch.uid"', places, 1)
    described = provider(load(text, FILE.name))
    with pytest.raises(BadAnswer, match="a run, although a rule"):
        described.trigger(described.targets()[0], "mark").read(reply(answer))


@pytest.mark.parametrize("answer", [{"runs": [{"uid": "L-1"}]}, {"uid": "L-1", "runs": []}, {"uid": "L-1"}])
def test_one_run_of_several_is_one(answer: Mapping[str, object]) -> None:
    """Its id stands in its row, as if there were two."""
    several = ('id = "data.launch.uid"', 'several = "runs"\nid = "uid"')
    described = provider(kite(*several, 'if = "ok && data', 'if = "empty && data'))
    assert described.trigger(described.targets()[0], "mark").read(reply({"ok": True, **answer})).id == "L-1"


def test_a_refused_stop_is_none() -> None:
    """The run goes on, so nobody may say that it was stopped."""
    described = provider(kite())
    call = described.stop(Run("L-1", described.targets()[0]))
    assert call is not None
    with pytest.raises(Refused):
        call.read(reply(REFUSED))
    call.read(reply({"ok": True}))


def explained(file: str, text: str, *changes: str) -> tuple[str, bool]:
    """What is said about one saved answer, and whether it is wrong."""
    answer = saved(file, text.encode())
    assert answer is not None
    (read,) = explain(kite(*changes), [answer])
    return "\n".join(read.lines), read.wrong


CASES = """{"ok": true, "next": "c2", "data": {
    "results": [{"caseId": 11, "attempts": [{"no": 1, "outcome": "GREEN"}]},
                {"caseId": 11, "attempts": [{"no": 1, "outcome": "PUCE"}]}],
    "cases": [{"id": 11, "name": "Login"}]}}"""


@pytest.mark.parametrize(
    ("file", "text", "said", "wrong"),
    [
        ("login.json", '{"ok": false}', "refused", False),
        ("login.json", '{"ok": true, "elsewhere": "t-1"}', "no token where the provider file looks for it: (not", True),
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
        ("item.json", CASES.replace("outcome", "result"), "2 of 2 have no result at `outcome`", False),
        ("results.json", '{"ok": true, "data": [{"run": 5}]}', "doubt: its list of items", True),
        ("find.json", '{"ok": true, "data": [{"uid": "L-1", "label": "x"}]}', "run L-1 with the mark 'x'", False),
        ("find.json", '{"ok": true}', "WRONG", True),
    ],
)
def test_saved_answers(file: str, text: str, said: str, wrong: bool) -> None:
    """Each says what the file reads, and what it misses."""
    found, is_wrong = explained(file, text)
    assert said in f"{found}\n"
    assert is_wrong is wrong


@pytest.mark.parametrize(
    ("file", "where", "text", "after"),
    [
        ("item.json", "results.item", CASES.replace('"next"', '"more"'), '\nid = "exec"'),
        ("results.json", "results", '{"ok": true, "data": [{"exec": 5}, {"exec": 6}], "more": "c"}', '\nrows = "data"'),
    ],
)
def test_a_full_page_without_a_next_one_is_told(file: str, where: str, text: str, after: str) -> None:
    """If `next` looks in the wrong place, tests are missing, and without counters nothing else shows it."""
    page = 'page = { kind = "cursor", next = "next"'
    small = (f"{page} }}{after}", f"{page}, size = 2 }}{after}")
    assert f"the page is full, and `{where}.page.next` finds nothing" in explained(file, text, *small)[0]
    assert "the page is full" not in explained(file, text.replace('"more"', '"next"'), *small)[0]
    assert "the page is full" not in explained(file, text)[0]


@pytest.mark.parametrize(("more", "silent"), [("", False), (', "sum": 3', True)])
def test_counters_that_find_nothing_are_told(more: str, silent: bool) -> None:
    """They would prove nothing."""
    counted = ('status = "data.phase"', 'status = "data.phase"\ncounts = { total = "data.sum" }')
    text = f'{{"ok": true, "data": {{"uid": "L-1", "phase": "DONE"{more}}}}}'
    assert ("`poll.counts` finds no number" not in explained("poll.json", text, *counted)[0]) is silent


def test_a_token_in_a_refusal_is_not_shown() -> None:
    """If `refused` is wrong, and takes a good answer for one."""
    call = provider(kite()).login()
    assert call is not None
    with pytest.raises(Refused, match="not shown") as caught:
        call.read(reply({"ok": False, "data": {"token": "t-unknown"}}))
    assert "t-unknown" not in str(caught.value)


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
