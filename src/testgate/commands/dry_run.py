"""`dry-run: true`: print the requests that would be sent, and send none of them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from testgate.ports import Provider
from testgate.wire import Request

HIDDEN = "***"


def lines(requests: Iterable[Request]) -> Iterator[str]:
    """The requests as they would go out; secrets and private values are stars."""
    for request in requests:
        query = "&".join(f"{name}={value}" for name, value in request.query.items())
        yield f"{request.method} {request.url}{'?' if query else ''}{query}"
        if request.credential is not None:
            yield f"  {request.credential.header}: {HIDDEN}"
        if request.body is not None:
            yield "  Content-Type: application/json"
            yield from (f"  {line}" for line in json.dumps(shown(request), indent=2).splitlines())


def shown(request: Request) -> Mapping[str, Any]:
    """The body, with the values of private objects hidden; their keys are no secret."""
    body = dict(request.body or {})
    for name in request.private & body.keys():
        body[name] = dict.fromkeys(body[name], HIDDEN) if isinstance(body[name], Mapping) else HIDDEN
    return body


def requests_of(provider: Provider, command: str, stop_scope: str, mark: str) -> list[Request]:
    """What the command would send before it knows any answer; polls would follow."""
    runs = provider.attached()
    reads = [provider.poll([run]).request for run in runs]
    match command:
        case "run":
            return [provider.trigger(target, mark).request for target in provider.targets()]
        case "check":
            return [call.request for _name, call in provider.checks()]
        case "stop" if stop_scope == "all":
            return [call.request for call in [provider.stop_all()] if call is not None]
        case "create-test-run":
            return []
        case "stop":
            stops = [call.request for call in map(provider.stop, runs) if call is not None]
            return [*reads, *stops]
        case _:
            return reads  # a rerun is built from the answers
