"""Programs of the CI run beside the step, without delaying it."""

import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from testgate.edges.programs import Done, Programs, run_program
from testgate.redact import Redactor

SET = ("agent", "meta-data", "set", "key", "value")


class RecordingRunner:
    """A runner that records what it gets, and returns what `answer` gives."""

    def __init__(self, answer: Callable[[Sequence[str]], Done] = lambda _command: Done(0, "")) -> None:
        self.seen: list[tuple[Sequence[str], str]] = []
        self._answer = answer

    def __call__(self, command: Sequence[str], text: str, seconds: float) -> Done:
        """Run one program."""
        assert seconds > 0
        self.seen.append((command, text))
        return self._answer(command)


def test_the_last_text_for_a_command_wins() -> None:
    """Texts for the same command run in order, and one that is still waiting is replaced."""
    ran = RecordingRunner()
    programs = Programs(ran, str)
    for number in range(60):
        programs.run(("agent", f"key {number % 3}"), f"text {number}")
    assert programs.settle(10) is None
    for key in range(3):
        texts = [text for command, text in ran.seen if command == ("agent", f"key {key}")]
        assert (texts[0], texts[-1]) == (f"text {key}", f"text {57 + key}")
        assert texts == sorted(texts, key=lambda text: int(text.split()[1]))
    programs.run(SET, "later")
    assert programs.settle(10) is None
    assert ran.seen[-1] == (SET, "later")


def test_four_programs_run_at_a_time() -> None:
    """A fifth one waits."""
    together, all_given, over = threading.Barrier(4), threading.Event(), threading.Event()
    lock, running, most = threading.Lock(), 0, 0

    def answer(_command: Sequence[str]) -> Done:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        all_given.wait(10)
        if not over.is_set():
            together.wait(10)
            over.set()
        with lock:
            running -= 1
        return Done(0, "")

    programs = Programs(RecordingRunner(answer), str)
    for number in range(12):
        programs.run(("agent", str(number)), "")
    all_given.set()
    assert programs.settle(20) is None
    assert most == 4


def test_a_waiting_text_is_replaced_by_a_newer_one() -> None:
    """A hundred ids that arrive at once cost two calls, not a hundred."""
    may_end = threading.Event()
    ran = RecordingRunner(lambda _command: Done(0 if may_end.wait(10) else 1, ""))
    programs = Programs(ran, str)
    for number in range(100):
        programs.run(SET, str(number))
    may_end.set()
    assert programs.settle(10) is None
    assert [text for _command, text in ran.seen] == ["0", "99"]


def test_programs_run_again_after_a_reported_failure() -> None:
    """Corrected outputs can be written."""
    codes = [1, 0]
    ran = RecordingRunner(lambda _command: Done(codes.pop(0), "full"))
    programs = Programs(ran, str)
    programs.run(SET, "passed")
    assert programs.settle(10) is not None
    programs.resume()
    programs.run(SET, "report-error")
    assert programs.settle(10) is None
    assert [text for _command, text in ran.seen] == ["passed", "report-error"]


def test_nothing_to_run_is_no_failure() -> None:
    """A step in a CI without programs waits for nothing."""
    assert Programs(RecordingRunner(), str).settle(0) is None


def test_only_the_end_waits_and_not_for_long() -> None:
    """The result of a program that took too long is ignored."""
    may_end = threading.Event()
    ran = RecordingRunner(lambda _command: Done(int(may_end.wait(10)), "later"))
    programs = Programs(ran, str)
    programs.run(SET, "")
    programs.run(SET, "again")
    failure = programs.settle(0.01)
    assert str(failure) == "`agent meta-data set` did not end in time"
    may_end.set()
    assert programs.settle(10) is failure
    assert [command for command, _text in ran.seen] == [SET]


def _missing(_command: Sequence[str]) -> Done:
    """The program doesn't exist."""
    raise FileNotFoundError(2, "No such file or directory")


def _odd(_command: Sequence[str]) -> Done:
    """The system doesn't accept the command."""
    raise ValueError("embedded null byte")


def _slow(_command: Sequence[str]) -> Done:
    """The program hangs."""
    raise TimeoutError


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda _command: Done(3, "bad token s3cret-key\nat once\n"), "ended with 3: bad token *** at once"),
        (lambda _command: Done(1, ""), "ended with 1: no output"),
        (lambda _command: Done(1, f"{'x' * 295}s3cre\x1b[0mt-key"), f"ended with 1: {'x' * 295}***"),
        (_odd, "could not be started: embedded null byte"),
        (_missing, "could not be started: No such file or directory"),
        (_slow, "did not end in time"),
    ],
)
def test_nothing_runs_after_a_failure(answer: Callable[[Sequence[str]], Done], words: str) -> None:
    """The failure is reported without values and secrets."""
    ran = RecordingRunner(answer)
    programs = Programs(ran, Redactor(["s3cret-key"]))
    programs.run(SET, "value")
    failure = programs.settle(10)
    assert failure is not None
    assert str(failure) == f"`agent meta-data set` {words}"
    assert "agent" in failure.remedy
    programs.run(SET, "value")
    assert programs.settle(10) is failure
    assert len(ran.seen) == 1


def test_a_real_program_gets_its_input_and_returns_its_output() -> None:
    """Standard input, the exit code and both output streams work."""
    code = "import sys; text = sys.stdin.read(); print(text.upper()); sys.stderr.write('err'); sys.exit(len(text))"
    done = run_program([sys.executable, "-c", code], "häh", 30)
    assert done.code == 3
    assert sorted(done.said.split()) == ["HÄH", "err"]


def test_a_real_program_that_hangs_is_killed() -> None:
    """It doesn't outlive the step."""
    with pytest.raises(TimeoutError):
        run_program([sys.executable, "-c", "import time; time.sleep(60)"], "", 0.2)


def test_endless_output_is_cut() -> None:
    """Cleaning and searching it must not take too long."""
    done = run_program([sys.executable, "-c", "import sys; sys.stdout.write('wrong' + '\\0' * 20_000_000)"], "", 30)
    assert done.said.startswith("wrong")
    assert len(done.said) <= 100_000


def test_children_of_a_hanging_program_are_killed_too(tmp_path: Path) -> None:
    """They must not write anything later."""
    mark = tmp_path / "alive"
    child = f"import time, pathlib; time.sleep(1.5); pathlib.Path({str(mark)!r}).touch()"
    code = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); time.sleep(60)"
    with pytest.raises(TimeoutError):
        run_program([sys.executable, "-c", code], "", 0.7)
    time.sleep(2)
    assert not mark.exists()


def test_a_missing_program_is_an_error() -> None:
    """The error of the system is raised."""
    with pytest.raises(FileNotFoundError):
        run_program(["testgate-no-such-program"], "", 1)
