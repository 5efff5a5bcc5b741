"""The exit code of each combination: what the contract with the users says, written down by hand.

Two columns an endpoint: the fault once, and at every request.
"""

from collections.abc import Mapping

PASSED, FAILED, PLATFORM_ERROR, TIMED_OUT, TRIGGER_UNKNOWN = 0, 1, 3, 4, 7

# fault: (trigger once, always), (poll), (list of tests), (find)
_ROWS = """
refused         0 3   0 3   0 3   0 7
reset-before    7 7   0 3   0 3   0 7
reset-after     0 0   0 3   0 3   0 7
silence         0 0   0 3   0 3   0 7
401             3 3   0 3   0 3   0 7
403             3 3   0 3   0 3   0 7
404             3 3   0 3   3 3   7 7
409             3 3   3 3   3 3   7 7
422             3 3   3 3   3 3   7 7
429-seconds     0 3   0 3   0 3   0 7
429-date        0 3   0 3   0 3   0 7
429-bare        0 3   0 3   0 3   0 7
429-absurd      0 3   0 3   0 3   0 7
429-nonsense    0 3   0 3   0 3   0 7
500             7 7   0 3   0 3   0 7
502             7 7   0 3   0 3   0 7
503             7 7   0 3   0 3   0 7
504             7 7   0 3   0 3   0 7
truncated       0 0   0 3   0 3   0 7
wrong-type      0 0   0 0   0 0   0 0
wrong-shape     0 0   0 3   0 3   0 7
sign-in         7 7   0 3   0 3   0 7
redirect-same   3 3   0 0   0 0   0 0
redirect-other  3 3   3 3   3 3   7 7
huge            0 0   0 3   0 3   0 7
drip            0 0   0 3   0 3   0 7
gzip-bomb       0 0   0 3   0 3   0 7
dns             0 3   0 3   0 3   0 7
proxy           0 3   0 3   0 3   0 7
tls-name        3 3   3 3   3 3   7 7
"""

# Detail, and a stop: whatever happens to them, the verdict stands.
_WHATEVER = {"messages": PASSED, "steps": FAILED, "stop": TIMED_OUT}


def _read() -> Mapping[tuple[str, str, bool], int]:
    """The codes by endpoint, fault, and whether it lasts."""
    found: dict[tuple[str, str, bool], int] = {}
    for row in filter(None, _ROWS.splitlines()):
        fault, *codes = row.split()
        columns = [(endpoint, lasts) for endpoint in ("trigger", "poll", "tests", "find") for lasts in (False, True)]
        for (endpoint, lasts), code in zip(columns, codes, strict=True):
            found[endpoint, fault, lasts] = int(code)
        for endpoint, always in _WHATEVER.items():
            found[endpoint, fault, False] = found[endpoint, fault, True] = always
    return found


EXPECTED = _read()
