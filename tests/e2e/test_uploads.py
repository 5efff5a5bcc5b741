"""`uploads`, from the inputs to the exit code."""

import hashlib
from pathlib import Path

import pytest

from testgate.demo.faults import Fault
from testgate.demo.testsigma.scenarios import Habits, Scenario
from tests.support.step import Left, run
from tests.support.vendor import GREEN, Vendor, inputs, requests, simulator

QUICK = GREEN._replace(running=0.5)
BUILD = b"PK\x03\x04" + bytes(range(256)) * 2000


def brought(folder: Path, *, scenario: Scenario | None = None, faults: tuple[Fault, ...] = (), **more: str) -> tuple[Left, Vendor]:
    """Run a step that brings `out/app.apk` along for device 31."""
    (folder / "out").mkdir(exist_ok=True)
    (folder / "out" / "app.apk").write_bytes(BUILD)
    given = {"uploads": "31=out/app.apk", "upload_project_id": "24", **more}
    played = (scenario or Scenario({274: QUICK}))._replace(faults=faults)
    with simulator(played) as server:
        return run(folder, inputs(server, **given)), server


def test_a_build_is_uploaded_and_exactly_it_is_tested(tmp_path: Path) -> None:
    """The file arrives unchanged, and the trigger names its version."""
    left, server = brought(tmp_path, upload_application_id="43")
    assert (left.code, left.outputs["conclusion"]) == (0, "passed")
    upload, trigger = requests(server, "POST")
    assert (upload.path, trigger.path) == ("/api/v1/uploads", "/api/v1/execution_results")
    assert trigger.body["uploadVersions"] == {"31": "480"}
    assert BUILD in upload.raw
    assert b'name="applicationId"\r\n\r\n43\r\n' in upload.raw
    assert "uploading out/app.apk (0.5 MB) for device 31" in left.log
    assert "uploaded app.apk in" in left.log
    assert "version 480" in left.log
