"""What every command has to declare."""

from collections.abc import Iterator

import pytest

from testgate.commands import COMMANDS, load
from testgate.commands.command import Command, Needs
from testgate.errors import PlatformError
from testgate.inputs.lookup import Lookup
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import declared, read
from testgate.ports import Provider
from testgate.providers import PROVIDERS
from testgate.wire import Request


def lookup(**texts: str) -> Lookup:
    """A lookup of these inputs."""
    return Lookup({f"INPUT_{name.upper()}": text for name, text in texts.items()}, read_file=str)


def providers(*run_ids: str) -> Iterator[Provider]:
    """Every provider, without a selection of tests; to runs of a described one belongs one of its items."""
    for make in PROVIDERS.values():
        entry = make()
        needed = {name.replace("-", "_"): "https://a.example" if "url" in name else "3" for name in entry.required}
        for name, secret in (("values", False), ("secret_values", True)):
            item = entry.selects[:1] if run_ids else ()
            wanted = [each for each in entry.values if each.required or each.name in item]
            required = [each for each in wanted if each.secret is secret]
            needed |= {name: "\n".join(f"{each.name}={each.example}" for each in required)} if required else {}
        inputs = read(lookup(**needed), [CommonOptions, entry.options])
        yield entry.build("https://a.example", "a-key-0123456789", inputs, run_ids)


def readable(provider: Provider) -> bool:
    """Whether runs of the platform can be read by their IDs alone."""
    try:
        provider.poll(provider.attached()[:1])
    except PlatformError:
        return False
    return True


def test_an_unknown_command_is_an_error() -> None:
    """The caller checks the name first."""
    with pytest.raises(KeyError):
        load("explode")


def test_the_default_command_exists() -> None:
    """The documents show the words in the order of the registry."""
    assert next(each.default for each in declared([CommonOptions]) if each.name == "command") in COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_loads_and_says_what_it_needs(name: str) -> None:
    """Loading it twice gives the same command."""
    command = load(name)
    assert isinstance(command, Command)
    assert load(name) is command
    assert callable(command.run)
    assert isinstance(command.needs(lookup()), Needs)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_dry_run_without_a_selection_is_possible(name: str) -> None:
    """Without anything to run, there may be nothing to send, but it is not an error."""
    for provider in providers():
        requests = load(name).requests(provider, CommonOptions(), lambda: "mark-1")
        assert all(isinstance(request, Request) for request in requests)


@pytest.mark.parametrize("name", [name for name in COMMANDS if load(name).needs(lookup()) is Needs.RUN_IDS])
def test_a_command_that_needs_runs_reads_each_of_them_first(name: str) -> None:
    """The first requests of a dry run only read. Some platforms cannot read a run by its ID, and say so."""
    for provider in providers("7", "8"):
        if not readable(provider):
            with pytest.raises(PlatformError, match="only the step that started it knows"):
                load(name).requests(provider, CommonOptions(), lambda: "mark-1")
            continue
        requests = load(name).requests(provider, CommonOptions(), lambda: "mark-1")
        reads = [provider.poll([run]).request for run in provider.attached()]
        assert len(reads) == 2
        assert list(requests[:2]) == reads


def test_stopping_everything_needs_no_ids() -> None:
    """`stop-scope: all` stops every run in the account."""
    command = load("stop")
    assert command.needs(lookup(stop_scope="ALL")) is Needs.NOTHING
    assert command.needs(lookup(stop_scope="run")) is Needs.RUN_IDS
