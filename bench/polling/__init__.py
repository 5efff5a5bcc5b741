"""Replays traces of runs with the program's own pacing, in simulated time."""

import sys
from importlib.util import find_spec
from pathlib import Path

if find_spec("testgate") is None:  # a checkout, in which nothing is installed
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))
