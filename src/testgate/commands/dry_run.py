"""`dry-run: true`: show the requests that would be sent, without sending any."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from testgate.wire import Request

HIDDEN = "***"


def lines(requests: Iterable[Request]) -> Iterator[str]:
    """The requests in HTTP's form, with secrets and private values hidden."""
    for request in requests:
        query = "&".join(f"{name}={value}" for name, value in _query(request).items())
        yield f"{request.method} {request.url}{'?' if query else ''}{query}"
        yield from (f"  {name}: {value}" for name, value in request.headers.items())
        yield from (f"  {each.header}: {HIDDEN}" for each in request.credentials if not each.in_query)
        if request.body is not None:
            yield "  Content-Type: application/json"
            yield from (f"  {line}" for line in json.dumps(shown(request), indent=2).splitlines())
        if request.form is not None:
            yield "  Content-Type: multipart/form-data"
            yield from (f"  {name}={value}" for name, value in request.form.items())
        if request.file is not None:
            yield f"  {request.file.field}=<{request.file.name}, {request.file.size} bytes>"
        if request.fields is not None:
            yield "  Content-Type: application/x-www-form-urlencoded"
            yield from (f"  {name}={value}" for name, value in shown(request).items())


def _query(request: Request) -> Mapping[str, str]:
    """The whole query, without secrets."""
    return {**request.query, **{each.header: HIDDEN for each in request.credentials if each.in_query}}


def shown(request: Request) -> Mapping[str, Any]:
    """The body or the fields, with the values of private objects hidden; their keys aren't secret."""
    body = dict(request.body or request.fields or {})
    for name in request.private & body.keys():
        body[name] = dict.fromkeys(body[name], HIDDEN) if isinstance(body[name], Mapping) else HIDDEN
    return body
