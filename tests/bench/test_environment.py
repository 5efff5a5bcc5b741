"""The environment that the program is measured in."""

import json
import subprocess

from bench.environment import libraries, released

_ASK = """
import importlib.metadata, importlib.util, json, pydantic, requests
names = [each.name for each in importlib.metadata.distributions()]
print(json.dumps([names, bool(importlib.util.find_spec("chardet")), bool(importlib.util.find_spec("pytest"))]))
"""


def test_it_holds_the_libraries_of_the_image_and_no_others() -> None:
    """What only development needs must not count: `requests` loads `chardet` wherever it is installed."""
    with released() as python:
        command = [python, "-I", "-c", _ASK]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603  # a Python of ours
    names, *others = json.loads(told)
    assert sorted(each.replace("_", "-").lower() for each in names) == sorted(libraries())
    assert others == [False, False]
