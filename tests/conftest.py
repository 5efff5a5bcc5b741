"""Options and profiles that all tests share.

`make test` runs a sample that takes minutes on any machine; `--full`, which `make test-all` passes, runs everything:
the tests marked `full` as well, and more examples of property tests. The examples are the same every time, so a change
that breaks nothing can't turn a build red; `--examples`, which `make explore` passes, draws new ones.
"""

import os
from collections.abc import Generator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# A slow machine says nothing about the code: no deadline per example, and no complaint about slow generation.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("sample", _PATIENT, max_examples=20, derandomize=True)
settings.register_profile("full", _PATIENT, max_examples=40, derandomize=True)

_LEFT_OUT = pytest.StashKey[int]()
_GAMES = ("faults", "soak", "worlds")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--full`, `--examples` and `--update-golden`."""
    parser.addoption("--full", action="store_true", help="run everything, with more examples of property tests")
    parser.addoption("--examples", type=int, help="draw so many new random examples in each property test")
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files")


def pytest_configure(config: pytest.Config) -> None:
    """Choose how many examples Hypothesis plays, and whether they are new ones."""
    if drawn := config.getoption("--examples"):
        settings.register_profile("new", _PATIENT, max_examples=drawn, print_blob=True)
    settings.load_profile("new" if drawn else "full" if config.getoption("--full") else "sample")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests marked `full`, unless everything was asked for, and say which are run without coverage."""
    for item in items:
        if _plays(item):
            item.add_marker(pytest.mark.no_cover)
    if not config.getoption("--full"):
        left_out = [item for item in items if item.get_closest_marker("full")]
        items[:] = [item for item in items if not item.get_closest_marker("full")]
        config.hook.pytest_deselected(items=left_out)
    items[:] = _spread(items)


def _spread(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The tests in an order in which every worker has something to compute while it waits for processes."""
    waiting = [item for item in items if _waits(item)]
    others = [item for item in items if not _waits(item)]
    share = len(others) / max(1, len(waiting))
    places = [(number * share, item) for number, item in enumerate(waiting)]
    return [item for _place, item in sorted([*enumerate(others), *places], key=lambda each: each[0])]


def _waits(item: pytest.Item) -> bool:
    """Whether a test mostly waits for processes and their servers."""
    return item.path.parent.name == "e2e" or item.path.name == "test_processes.py"


def _plays(item: pytest.Item) -> bool:
    """Whether a test plays many cases over code that others cover: measuring the lines takes as long as playing."""
    game = item.path.relative_to(Path(__file__).parent).parts[0] in _GAMES
    examples = getattr(getattr(item, "obj", None), "is_hypothesis_test", False)
    return game or examples or item.get_closest_marker("full") is not None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure no process either that a test without coverage starts."""
    measuring = [name for name in os.environ if name.startswith("COVERAGE")] if _plays(item) else []
    kept = {name: os.environ.pop(name) for name in measuring}
    try:
        return (yield)
    finally:
        os.environ.update(kept)


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Count what a worker leaves out: pytest-xdist doesn't report it."""
    for config in {item.config for item in items}:
        config.stash[_LEFT_OUT] = config.stash.get(_LEFT_OUT, 0) + len(items)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send a worker's count to the controller."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left_out"] = session.config.stash.get(_LEFT_OUT, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:  # noqa: ANN401  # pytest-xdist publishes no type for it
    """Show in the closing line what the workers left out; all of them leave out the same tests."""
    reporter = node.config.pluginmanager.getplugin("terminalreporter")
    number = getattr(node, "workeroutput", {}).get("left_out", 0)
    if number:
        reporter.stats["deselected"] = [SimpleNamespace()] * number


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether to rewrite the golden files."""
    return bool(request.config.getoption("--update-golden"))
