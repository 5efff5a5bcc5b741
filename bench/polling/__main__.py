"""Compares `poll-interval: auto` with fixed intervals: how many requests, and how late the end of a run is seen.

python -m bench.polling                          draws of random traces, as a table
python -m bench.polling --traces FILE --json     the traces of a file
python -m bench.polling --draw 17 > FILE         write a draw to a file
python -m bench.polling --picture                write docs/images/polling.svg
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.polling.picture import PICTURE, picture
from bench.polling.replay import Figures, Trace, figures, read, written
from bench.polling.traces import HELD_OUT, draw

PACINGS: Mapping[str, float | None] = {"auto": None, "fixed-10s": 10.0, "fixed-30s": 30.0}
BASE = "fixed-10s"
TARGET_REQUESTS, TARGET_LAG = 0.5, 0.7  # of those of the base
Measured = Mapping[str, Figures]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; with `--check`, return 1 if a target is missed."""
    options = _options(arguments)
    if options.picture:
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_text(picture(), encoding="utf-8")
        return 0
    if options.draw is not None:
        print(json.dumps([written(trace) for trace in draw(options.draw)]))
        return 0
    if options.traces is None:
        measured = [measure(draw(HELD_OUT + number)) for number in range(options.draws)]
    else:
        measured = [measure(read(json.loads(options.traces.read_bytes())))]
    if options.json:
        print(json.dumps({name: mean(measured, name)._asdict() for name in PACINGS}))
    else:
        print(table(measured))
    requests, lag = ratios(measured, "auto")
    return int(options.check and (requests > TARGET_REQUESTS or lag > TARGET_LAG))


def measure(traces: Sequence[Trace]) -> Measured:
    """Replay the traces at each pacing."""
    return {name: figures(traces, fixed) for name, fixed in PACINGS.items()}


def mean(measured: Sequence[Measured], name: str) -> Figures:
    """The requests of a pacing over all draws, and the means of its lags."""
    found = [each[name] for each in measured]
    return Figures(
        requests=sum(each.requests for each in found),
        lag_mean=sum(each.lag_mean for each in found) / len(found),
        lag_p95=sum(each.lag_p95 for each in found) / len(found),
    )


def ratios(measured: Sequence[Measured], name: str) -> tuple[float, float]:
    """Requests and mean lag as shares of those of the base; means over the draws."""
    requests = [each[name].requests / each[BASE].requests for each in measured]
    lags = [each[name].lag_mean / each[BASE].lag_mean if each[BASE].lag_mean else 1.0 for each in measured]
    return sum(requests) / len(requests), sum(lags) / len(lags)


def table(measured: Sequence[Measured]) -> str:
    """The figures of all pacings, for people."""
    lines = ["Polling         requests   lag, mean    lag, p95   requests and lag as shares of those of " + BASE]
    for name in PACINGS:
        found, (requests, lag) = mean(measured, name), ratios(measured, name)
        target = f"   target: {TARGET_REQUESTS} and {TARGET_LAG}" if name == "auto" else ""
        lines.append(
            f"  {name:12} {found.requests:9d} {found.lag_mean:9.2f} s {found.lag_p95:9.2f} s"
            f"   {requests:.2f} and {lag:.2f}{target}"
        )
    return "\n".join(lines)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.polling", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--traces", type=Path, help="a JSON file of traces to replay instead of random ones")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--draws", type=int, default=5, help="number of random draws of 300 traces (default: 5)")
    parser.add_argument(
        "--draw", type=int, metavar="SEED", help="print the traces of a draw, in the format of --traces"
    )
    parser.add_argument("--picture", action="store_true", help="draw three traces")
    parser.add_argument("--check", action="store_true", help="exit 1 if a target is missed")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
