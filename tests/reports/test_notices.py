"""Messages for chats: as their readers see them, within their limits, and without any power of a name from outside."""

import json
from pathlib import Path

import pytest
from hypothesis import given

from testgate.model import Conclusion
from testgate.reports import NOTICES
from testgate.reports.notices.slack import escape
from testgate.results import Gate, failed_tests
from testgate.text import clean
from tests.grammars import slack, teams
from tests.reports.samples import HOSTILE, SAMPLES, TESTS, gate, hostile, judged
from tests.reports.strategies import gates

GOLDEN = Path(__file__).parent / "notices"

every_notice = pytest.mark.parametrize("name", NOTICES)
every_sample = pytest.mark.parametrize("sample", SAMPLES)

EVIL = (
    "<!channel> <!here|here> <!everyone>",
    "<@U024BE7LH> <#C024BE7LR> <!subteam^SAZ94GDB8>",
    "<https://evil.example|sign in>",
    "<!date^1392734382^{date}^https://evil.example|now>",
    "https://evil.example/x",
    "`code` ```block```",
    "*bold* _italic_ ~struck~",
    "> quote",
    ":white_check_mark: passed :x:",
    "[sign in](https://evil.example)",
    "**bold** # heading - item",
    "{{DATE(2026-01-01T00:00:00Z, SHORT)}} {{ TIME(x) }}",
    "<at>everyone</at>",
    "&lt;!channel&gt; &amp;lt;",
    "a|b>c<d&e",
)


def rendered(name: str, given_gate: Gate, limit: int | None = None) -> str:
    """The message as one text."""
    return "".join(NOTICES[name].load().render(given_gate, limit=limit))


def texts_of(name: str, text: str) -> list[str]:
    """What readers see; the message must be valid."""
    return slack.read(json.loads(text)).texts if name == "slack" else teams.read(text)


@every_sample
@every_notice
def test_a_message_matches_its_golden_file(name: str, sample: str, update_golden: bool) -> None:
    """`--update-golden` rewrites the file instead."""
    text = rendered(name, SAMPLES[sample]())
    golden = GOLDEN / name / f"{sample}.json"
    if update_golden:
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(text, encoding="utf-8", newline="\n")
    assert text == golden.read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_message() -> None:
    """A file of a sample that no longer exists is removed."""
    expected = {GOLDEN / name / f"{sample}.json" for name in NOTICES for sample in SAMPLES}
    assert {path for path in GOLDEN.rglob("*") if path.is_file()} == expected


@every_sample
@every_notice
def test_a_message_says_how_it_ended_and_what_failed(name: str, sample: str) -> None:
    """The conclusion comes first, in the heading."""
    given_gate = SAMPLES[sample]()
    seen = texts_of(name, rendered(name, given_gate))
    assert given_gate.verdict.conclusion.value in seen[0]
    whole = "\n".join(seen)
    assert all(test.name in whole for _run, test in failed_tests(given_gate.runs)[:10])
    assert given_gate.verdict.reason.replace("`", "'") in whole.replace("`", "'")


@every_notice
def test_the_worst_message_is_valid(name: str) -> None:
    """And the same each time, with a line end."""
    text = rendered(name, hostile())
    assert texts_of(name, text)
    assert text == rendered(name, hostile())
    assert clean(text) == text
    assert text.endswith("\n")


@every_notice
@given(gate=gates())
def test_any_gate_can_be_told(name: str, gate: Gate) -> None:
    """No text from outside becomes a mention, a link, a command or a format, or breaks a limit."""
    text = rendered(name, gate)
    assert texts_of(name, text)
    assert clean(text) == text


@every_notice
@pytest.mark.parametrize("evil", [*EVIL, *HOSTILE])
def test_names_have_no_power(name: str, evil: str) -> None:
    """Wherever they are: only our own links are links."""
    test = TESTS[2]._replace(name=evil, message=evil, suite=evil, machine=evil)
    run = judged(Conclusion.FAILED, evil, (test,), name=evil)
    told = gate(
        Conclusion.PLATFORM_ERROR,
        evil,
        run,
        run,
        remedy=evil,
        leg=evil,
        build_title=evil,
        build_url=evil,
        left_running=(evil,),
    )
    told = told._replace(title=evil)
    text = rendered(name, told)
    assert texts_of(name, text)
    if name == "slack":
        addresses = {address for address, _label in slack.read(json.loads(text)).links}
        assert addresses <= {"https://app.testsigma.com/ui/td/runs/337", evil}
        assert not addresses - {evil} or "evil" not in "".join(addresses - {evil})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("test_login_with_2fa", "test_login_with_2fa"),
        ("_x_ y", "\uff3fx\uff3f y"),
        ("a*b `c` ~d~", "a\u2217b 'c' \u223cd\u223c"),
        (":tada: 10:20:30 a: b", ":\u200btada: 10:\u200b20:30 a: b"),
        ("plain text, 5 € & more", "plain text, 5 € &amp; more"),
    ],
)
def test_slack_text_stays_readable(text: str, shown: str) -> None:
    """Only what would format it is replaced."""
    assert escape(text) == shown


@every_notice
@pytest.mark.parametrize("number", [11, 500])
def test_many_failures_are_counted(number: int, name: str) -> None:
    """Ten are named, and the rest is a number."""
    tests = tuple(TESTS[2]._replace(id=str(each), name=f"Test {each}", case_id=str(each)) for each in range(number))
    text = rendered(name, gate(Conclusion.FAILED, "many", judged(Conclusion.FAILED, "many", tests)))
    whole = "\n".join(texts_of(name, text))
    assert "Test 9 " in whole
    assert "Test 10 " not in whole
    assert f"…and {number - 10} more test" in whole


@every_notice
@pytest.mark.parametrize("sign", ["&", "😀", "x", "<", "{"])
def test_long_texts_leave_room(name: str, sign: str) -> None:
    """What doesn't fit is counted, in whatever the limits are counted."""
    long = sign * 5000
    tests = tuple(
        TESTS[2]._replace(id=str(each), case_id=str(each), name=long, message=long, suite=long, machine=long)
        for each in range(30)
    )
    runs = [judged(Conclusion.FAILED, long, tests, plan=each, name=long) for each in range(30)]
    told = gate(Conclusion.PLATFORM_ERROR, long, *runs, remedy=long, leg=long)
    text = rendered(name, told._replace(title=long))
    whole = "\n".join(texts_of(name, text))
    assert "more test" in whole
    assert "more run" in whole


@every_notice
def test_a_limit_is_kept(name: str) -> None:
    """As by all reports."""
    limit = len(rendered(name, SAMPLES["failing"]()).encode()) - 1
    assert len(rendered(name, SAMPLES["failing"](), limit).encode()) <= limit
