"""From arguments to inputs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.commandline.arguments import parse
from testgate.commandline.flags import inputs


@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        ("", {}),
        ("run", {"INPUT_COMMAND": "run"}),
        ("--test-plan-id 274", {"INPUT_TEST-PLAN-ID": "274"}),
        ("run --test-plan-id=274", {"INPUT_COMMAND": "run", "INPUT_TEST-PLAN-ID": "274"}),
        ("--test_plan_id 274", {"INPUT_TEST-PLAN-ID": "274"}),
        ("--test-plan-id 274 --test-plan-id 275", {"INPUT_TEST-PLAN-ID": "274\n275"}),
        ("--runtime-data a=b=c", {"INPUT_RUNTIME-DATA": "a=b=c"}),
        ("--min-pass-rate -5", {"INPUT_MIN-PASS-RATE": "-5"}),
        ("--title=", {"INPUT_TITLE": ""}),
        ("demo --demo-scenario flaky", {"INPUT_DEMO": "true", "INPUT_DEMO-SCENARIO": "flaky"}),
        ("--dry-run", {"INPUT_DRY-RUN": "true"}),
        ("--dry-run --wait false", {"INPUT_DRY-RUN": "true", "INPUT_WAIT": "false"}),
        ("--no-wait --no-annotations", {"INPUT_WAIT": "false", "INPUT_ANNOTATIONS": "false"}),
        ("merge --merge-expect 3", {"INPUT_COMMAND": "merge", "INPUT_MERGE-EXPECT": "3"}),
    ],
)
def test_flags_are_inputs_of_this_step(arguments: str, variables: dict[str, str]) -> None:
    """Under the spelling that wins over every other."""
    found = parse(arguments.split())
    assert (found.variables, list(found.problems)) == (variables, [])


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("--test-plan 274", "unknown flag '--test-plan'. Did you mean --test-plan-id?"),
        ("--test-plan=274", "unknown flag '--test-plan'. Did you mean --test-plan-id?"),
        ("-x", "unknown flag '-x'."),
        ("--no-timeout", "unknown flag '--no-timeout'."),
        ("--timeout", "--timeout needs a value. Example: --timeout 1h30m"),
        ("--timeout --wait", "--timeout needs a value. Example: --timeout 1h30m"),
        ("run 274", "unexpected argument '274'. Inputs are flags: --test-plan-id 274"),
        ("rnu", "there is no command 'rnu'."),
        ("chekc", "there is no command 'chekc'. Did you mean `testgate check`?"),
        ("--command stop", "unknown flag '--command'."),
    ],
)
def test_what_cannot_be_used_is_named(arguments: str, problem: str) -> None:
    """With what was probably meant."""
    (found,) = parse(arguments.split()).problems
    assert found.startswith(problem)


def test_all_problems_are_told_at_once() -> None:
    """One round is enough."""
    assert len(parse(["--foo", "1", "--bar", "--timeout"]).problems) == 3


@pytest.mark.parametrize("name", [name for name, each in inputs().items() if each.secret])
@pytest.mark.parametrize("form", ["--{} hunter2-secret", "--{}=hunter2-secret"])
def test_a_secret_is_no_argument(name: str, form: str) -> None:
    """Its value is never repeated."""
    problems = parse(form.format(name).split()).problems
    assert len(problems) == 1
    assert "TESTGATE_" in problems[0]
    assert "hunter2" not in problems[0]


@given(st.lists(st.text(), max_size=6))
def test_any_arguments_are_read_or_refused(arguments: list[str]) -> None:
    """Each problem is one line without control characters."""
    for problem in parse(arguments).problems:
        assert "\n" not in problem
        assert "\x1b" not in problem
