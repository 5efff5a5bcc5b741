"""With which network a comment is written."""

import asyncio
from pathlib import Path

import pytest

from testgate.composition.commenting import _Trusting
from testgate.edges.signals import Signals
from testgate.edges.world import World
from testgate.errors import Unanswered
from testgate.inputs.options import CommonOptions
from testgate.platforms.plain import Plain
from testgate.wire import Reply, Request
from tests.support.simulated import FakeTransport, answer
from tests.support.steps import step_of
from tests.support.surroundings import surroundings

REQUEST = Request("GET", "https://git.example.com/api/v1/user")


def untrusted(request: Request) -> Unanswered:
    """The certificate isn't trusted."""
    return Unanswered(f"{request.label}: not trusted", maybe_arrived=False, lasting=True, about="TLS")


def sent(folder: Path, ca_file: str | None, usual: Unanswered | None) -> tuple[Reply, dict[str | None, int]]:
    """The reply, and how often each authority was used."""
    used: dict[str | None, int] = {}

    def network(file: str | None, _redact: object) -> FakeTransport:
        def handler(request: Request, _now: float) -> Reply | Exception:
            used[file] = used.get(file, 0) + 1
            return usual if usual and file is None else answer(request, {})

        return FakeTransport(handler, latency=0.0)

    step = step_of(Plain(surroundings({})), folder)
    world = World({}, step.world.stream, folder, Signals(), transport=network)
    transport = _Trusting(step._replace(world=world), CommonOptions(ca_file=ca_file))
    return asyncio.run(transport.send(REQUEST, 5.0)), used


def test_the_usual_authorities_come_first(tmp_path: Path) -> None:
    """`ca-file` may be the platform's alone."""
    assert sent(tmp_path, "own.pem", None)[1] == {None: 1}


def test_a_forge_with_the_own_authority_is_trusted(tmp_path: Path) -> None:
    """Nothing has left when the certificate wasn't trusted, so the request is sent once."""
    reply, used = sent(tmp_path, "own.pem", untrusted(REQUEST))
    assert reply.successful
    assert used == {None: 1, "own.pem": 1}


@pytest.mark.parametrize(
    ("ca_file", "fault"),
    [
        (None, untrusted(REQUEST)),
        ("own.pem", Unanswered("broke", maybe_arrived=True, about="TLS")),
        ("own.pem", Unanswered("refused", maybe_arrived=False, about="URL")),
    ],
)
def test_other_faults_are_not_tried_again(tmp_path: Path, ca_file: str | None, fault: Unanswered) -> None:
    """That is up to the engine."""
    with pytest.raises(Unanswered):
        sent(tmp_path, ca_file, fault)
