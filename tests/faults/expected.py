"""The exit code of each combination, written by hand from the contract with the users.

Each endpoint has two columns: for the fault at the first request only, and at every request.
"""

from collections.abc import Mapping

PASSED, FAILED, PLATFORM_ERROR, TIMED_OUT, STOPPED, TRIGGER_UNKNOWN = 0, 1, 3, 4, 5, 7

# fault: (trigger once, always), (poll), (list of tests), (find)
_ROWS = """
refused         0 3   0 3   0 3   0 7
reset-before    7 7   0 3   0 3   0 7
reset-after     0 0   0 3   0 3   0 7
silence         0 0   0 3   0 3   0 7
401             3 3   0 3   0 3   0 7
403             3 3   0 3   0 3   0 7
404             3 3   0 3   0 3   0 7
409             3 3   0 3   0 3   0 7
422             3 3   0 3   0 3   0 7
499             7 7   0 3   0 3   0 7
400-limit       0 3   0 3   0 3   0 7
403-limit       0 3   0 3   0 3   0 7
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
byte-order      0 0   0 0   0 0   0 0
floats          0 0   0 0   0 0   0 0
wrong-shape     0 0   0 3   0 3   0 7
sign-in         7 7   0 3   0 3   0 7
redirect-same   7 7   0 0   0 0   0 0
redirect-other  7 7   0 3   0 3   0 7
huge            0 0   0 3   0 3   0 7
drip            0 0   0 3   0 3   0 7
gzip-bomb       0 0   0 3   0 3   0 7
dns             0 3   0 3   0 3   0 7
proxy           0 3   0 3   0 3   0 7
tls-name        3 3   0 3   0 3   0 7
"""

# fault: (Testifly's start once, always), (its jobs), (its report)
# A job carries no mark, so nobody can look for it: a start that may have arrived stays unknown.
_TESTIFLY_ROWS = """
refused         0 3   0 3   0 3
reset-before    7 7   0 3   0 3
reset-after     7 7   0 3   0 3
silence         7 7   0 3   0 3
401             3 3   0 3   0 3
403             3 3   0 3   0 3
404             3 3   0 3   0 3
409             3 3   0 3   0 3
422             3 3   0 3   0 3
499             7 7   0 3   0 3
400-limit       0 3   0 3   0 3
403-limit       0 3   0 3   0 3
429-seconds     0 3   0 3   0 3
429-date        0 3   0 3   0 3
429-bare        0 3   0 3   0 3
429-absurd      0 3   0 3   0 3
429-nonsense    0 3   0 3   0 3
500             7 7   0 3   0 3
502             7 7   0 3   0 3
503             7 7   0 3   0 3
504             7 7   0 3   0 3
truncated       7 7   0 3   0 3
wrong-type      0 0   0 0   0 0
byte-order      0 0   0 0   0 0
floats          0 0   0 0   0 0
wrong-shape     7 7   0 3   0 3
sign-in         7 7   0 3   0 3
redirect-same   7 7   0 3   0 0
redirect-other  7 7   0 3   0 3
huge            7 7   0 3   0 3
drip            7 7   0 3   0 3
gzip-bomb       7 7   0 3   0 3
dns             0 3   0 3   0 3
proxy           0 3   0 3   0 3
tls-name        3 3   0 3   0 3
"""

# Test management never changes the verdict; `w` means a warning that something is or may be missing.
# fault: (create once, always), (statuses and cases), (record), (close)
_WARNED_ROWS = """
refused         - w   - w   - w   - w
reset-before    w w   - w   - w   - w
reset-after     w w   - w   - w   - w
silence         w w   - w   - w   - w
401             w w   - w   - w   - w
403             w w   - w   - w   - w
404             w w   w w   - w   w w
409             w w   w w   - w   w w
422             w w   w w   - w   w w
499             w w   w w   - w   w w
400-limit       - w   - w   - w   - w
403-limit       - w   - w   - w   - w
429-seconds     - w   - w   - w   - w
429-date        - w   - w   - w   - w
429-bare        - w   - w   - w   - w
429-absurd      - w   - w   - w   - w
429-nonsense    - w   - w   - w   - w
500             w w   - w   - w   - w
502             w w   - w   - w   - w
503             w w   - w   - w   - w
504             w w   - w   - w   - w
truncated       w w   - w   - w   - w
wrong-type      - -   - -   - -   - -
byte-order      - -   - -   - -   - -
floats          - -   - -   - -   - -
wrong-shape     w w   - w   - -   - -
sign-in         w w   - w   - w   - w
redirect-same   w w   - -   - w   w w
redirect-other  w w   w w   - w   w w
huge            w w   - w   - w   - w
drip            w w   - w   - w   - w
gzip-bomb       w w   - w   - w   - w
dns             - w   - w   - w   - w
proxy           - w   - w   - w   - w
tls-name        w w   w w   w w   w w
"""

# Details and a stop never change the verdict.
_WHATEVER = {"messages": PASSED, "steps": FAILED, "stop": TIMED_OUT, "look": TIMED_OUT, "stall-stop": TIMED_OUT}


Combinations = Mapping[tuple[str, str, bool], str]


def _columns(rows: str, *endpoints: str) -> Combinations:
    """The cells of a table, by endpoint, fault, and whether the fault lasts."""
    columns = [(endpoint, lasts) for endpoint in endpoints for lasts in (False, True)]
    found: dict[tuple[str, str, bool], str] = {}
    for row in filter(None, rows.splitlines()):
        fault, *cells = row.split()
        found |= {(endpoint, fault, lasts): cell for (endpoint, lasts), cell in zip(columns, cells, strict=True)}
    return found


def _read() -> Mapping[tuple[str, str, bool], int]:
    """The exit codes, by endpoint, fault, and whether the fault lasts."""
    cells = {
        **_columns(_ROWS, "trigger", "poll", "tests", "find"),
        **_columns(_TESTIFLY_ROWS, "job-start", "job-poll", "job-report"),
    }
    found = {combination: int(cell) for combination, cell in cells.items()}
    for row in filter(None, _ROWS.splitlines()):
        fault = row.split()[0]
        for child, alike in (("child-poll", "poll"), ("child-tests", "tests")):
            for lasts in (False, True):  # a rerun that cannot be read leaves the failure that the first run proved
                found[child, fault, lasts] = FAILED if found[alike, fault, lasts] else PASSED
        for lasts in (False, True):  # a run that is found is stopped: its time was up
            found["late-find", fault, lasts] = found["find", fault, lasts] or TIMED_OUT
        for lasts in (False, True):
            # Nothing was read before: a certificate for another host is not an outage, and an outage has 30 s, which is
            # what a single request without an answer takes.
            hopeless = fault in {"tls-name", "silence", "drip"}
            found["seek", fault, lasts] = PLATFORM_ERROR if hopeless else found["poll", fault, lasts]
        for lasts in (False, True):
            # What can't be started once more keeps the verdict that it had: the platform gave it up.
            found["again", fault, lasts] = found["trigger", fault, lasts] and STOPPED
            # Without its build, nothing is started. The answers to an upload are like those to a trigger.
            for upload, alike in (("upload", "trigger"), ("upload-find", "find")):
                found[upload, fault, lasts] = found[alike, fault, lasts] and PLATFORM_ERROR
            for upload in ("upload-state", "upload-version"):
                found[upload, fault, lasts] = found["poll", fault, lasts]
        for endpoint, always in _WHATEVER.items():
            found[endpoint, fault, False] = found[endpoint, fault, True] = always
        # The counters of a running job are only shown, but a lasting fault hits the report as well.
        found["job-live", fault, False], found["job-live", fault, True] = PASSED, found["job-report", fault, True]
    # A file that describes the platform must not make a difference.
    jobs = {combination: code for combination, code in found.items() if combination[0].startswith("job-")}
    found |= {(f"described-{name}", fault, lasts): code for (name, fault, lasts), code in jobs.items()}
    return {**found, **dict.fromkeys(WARNED, PASSED)}


def _read_warned() -> Mapping[tuple[str, str, bool], bool]:
    """Whether a warning is expected, for the endpoints of test management."""
    cells = dict(_columns(_WARNED_ROWS, "create", "statuses", "record", "close"))
    cells |= {("cases", fault, lasts): cell for (at, fault, lasts), cell in cells.items() if at == "statuses"}
    return {combination: cell == "w" for combination, cell in cells.items()}


WARNED = _read_warned()
EXPECTED = _read()
