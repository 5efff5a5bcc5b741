"""`uploads`, from the inputs to the exit code."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from testgate.demo.exchange import RawReply
from testgate.demo.faults import Fault
from testgate.demo.testsigma.scenarios import Habits, Scenario, Test
from tests.support.step import KEY, Left, finish, interrupt, run, start, wait_until
from tests.support.vendor import GREEN, Vendor, inputs, requests, simulator

QUICK = GREEN._replace(running=0.5)
BUILD = b"PK\x03\x04" + bytes(range(256)) * 2000


def brought(
    folder: Path, *, scenario: Scenario | None = None, faults: tuple[Fault, ...] = (), **more: str
) -> tuple[Left, Vendor]:
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


def test_devices_that_share_a_file_share_its_version(tmp_path: Path) -> None:
    """It is uploaded once; another file is another upload."""
    (tmp_path / "b.ipa").write_bytes(BUILD[:5000])
    left, server = brought(tmp_path, uploads="31=out/app.apk\n32=out/app.apk\n33=b.ipa", upload_versions="34=7")
    assert left.code == 0
    *uploads, trigger = requests(server, "POST")
    assert [b"\r\n\r\nAPK\r\n" in uploads[0].raw, b"\r\n\r\nIPA\r\n" in uploads[1].raw] == [True, True]
    assert len(uploads) == 2
    assert trigger.body["uploadVersions"] == {"31": "480", "32": "480", "33": "481", "34": "7"}


def test_several_plans_use_one_upload(tmp_path: Path) -> None:
    """The build is the step's."""
    left, server = brought(tmp_path, scenario=Scenario({274: QUICK, 275: QUICK}), test_plan_id="274, 275")
    assert left.code == 0
    assert len(requests(server, "POST", "/uploads")) == 1
    versions = [each.body["uploadVersions"] for each in requests(server, "POST", "/execution_results")]
    assert versions == [{"31": "480"}] * 2


def test_a_rerun_asks_for_the_same_build(tmp_path: Path) -> None:
    """What passes in another build proves nothing."""
    tests = (Test("Login"), Test("Pay", word="FAILURE", later=("SUCCESS",)))
    plan = QUICK._replace(tests=tests, rerun_running=0.5)
    left, server = brought(tmp_path, scenario=Scenario({274: plan}), rerun_failed="1")
    assert left.code == 0
    first, again = requests(server, "POST", "/execution_results")
    assert again.body["isReRun"]
    assert first.body["uploadVersions"] == again.body["uploadVersions"] == {"31": "480"}


def test_an_upload_whose_answer_is_lost_is_found(tmp_path: Path) -> None:
    """By its label; it isn't sent again."""
    left, server = brought(tmp_path, faults=(Fault("POST", "/uploads", action="drop-after"),))
    assert left.code == 0
    assert "got no usable answer" in left.log
    assert len(requests(server, "POST", "/uploads")) == 1
    assert requests(server, "POST", "/execution_results")[0].body["uploadVersions"] == {"31": "480"}


SLOW = Habits(upload_takes=4.0, versions_listed_after=8.0)
NEVER = pytest.mark.parametrize(
    ("habits", "why"),
    [
        (Habits(upload_word="FAILED"), "the platform could not use upload 62: FAILED"),
        (Habits(versions_shifted=1), "which version of upload 62 is this build: it names versions 480, 481"),
        (Habits(bytes_lost=1), f"has {len(BUILD) - 1} bytes, and the file has {len(BUILD)}"),
    ],
)


def test_a_platform_that_takes_its_time_is_waited_for(tmp_path: Path) -> None:
    """Until it has taken the build in, and lists its version."""
    left, server = brought(tmp_path, scenario=Scenario({274: QUICK}, habits=SLOW))
    assert left.code == 0
    assert len(requests(server, "GET", "/uploads/62")) > 0
    assert requests(server, "POST", "/execution_results")[0].body["uploadVersions"] == {"31": "480"}


@NEVER
def test_nothing_is_started_without_a_certain_version(tmp_path: Path, habits: Habits, why: str) -> None:
    """The step is red, and says what to do by hand."""
    left, server = brought(tmp_path, scenario=Scenario({274: QUICK}, habits=habits))
    assert (left.code, left.outputs["conclusion"]) == (3, "platform-error")
    assert why in left.outputs["reason"]
    assert "What to do:" in left.log
    assert not requests(server, "POST", "/execution_results")


@pytest.mark.parametrize(
    ("uploads", "why"),
    [
        ("31=out/none.apk", "out/none.apk can't be uploaded (No such file or directory)"),
        ("31=folder.apk", "folder.apk can't be uploaded (it is not a regular file)"),
        ("31=empty.apk", "empty.apk can't be uploaded (it is empty)"),
        ("31=outside.apk", "outside.apk can't be uploaded (it lies outside the workspace)"),
        ("31=../beside.apk", "../beside.apk can't be uploaded (it lies outside the workspace)"),
        ("31=/etc/hostname.apk", "/etc/hostname.apk can't be uploaded (it lies outside the workspace)"),
        ("31=pipe.apk", "pipe.apk can't be uploaded (it is not a regular file)"),
        ("31=loop.apk", "loop.apk can't be uploaded"),
        ("31=out/app.aab", "must name .apk or .ipa files (given: out/app.aab)"),
        ("31=.apk", "must name .apk or .ipa files"),
        ("31=", "must name .apk or .ipa files"),
        ("phone=out/app.apk", "must be an id: a positive whole number (given: phone)"),
        ("31=out/app.apk\n031=out/b.apk", "names device 31 twice"),
        ("out/app.apk", "line 1 is not key=value"),
    ],
)
def test_bad_files_are_told_before_anything_is_sent(tmp_path: Path, uploads: str, why: str) -> None:
    """Each with its reason and an example; links that lead outside and pipes are refused."""
    root = tmp_path / "workspace"
    (root / "folder.apk").mkdir(parents=True)
    (root / "empty.apk").touch()
    (tmp_path / "beside.apk").write_bytes(BUILD)
    (root / "outside.apk").symlink_to(tmp_path / "beside.apk")
    (root / "loop.apk").symlink_to("loop.apk")
    os.mkfifo(root / "pipe.apk")
    left, server = brought(root, uploads=uploads)
    assert (left.code, left.outputs["conclusion"]) == (2, "invalid-input")
    assert f"`uploads`: {why}" in left.log
    assert "Example: 31=app/build/outputs/apk/release/app-release.apk" in left.log
    assert not server.requests


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """Of several files, and of other paths."""
    left, server = brought(tmp_path, uploads="31=a.apk\n32=b.apk", junit_file="../junit.xml")
    assert left.code == 2
    assert all(words in left.log for words in ("a.apk can't", "b.apk can't", "`junit-file`"))
    assert not server.requests


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"upload_project_id": ""}, "`uploads` needs `upload-project-id`"),
        ({"upload_versions": "31=5"}, "`uploads` and `upload-versions` both set device 31"),
        ({"upload_versions": "0031=5"}, "`uploads` and `upload-versions` both set device 31"),
    ],
)
def test_inputs_that_contradict_each_other(tmp_path: Path, more: dict[str, Any], why: str) -> None:
    """Which build is meant isn't guessed."""
    left, server = brought(tmp_path, **more)
    assert left.code == 2
    assert why in left.log
    assert not server.requests


def test_a_dry_run_shows_the_upload(tmp_path: Path) -> None:
    """With its size; the version is known only afterwards. Nothing is sent."""
    left, server = brought(tmp_path, dry_run="true")
    assert left.code == 0
    assert f"fileContent=<app.apk, {len(BUILD)} bytes>" in left.log
    assert "  uploadType=APK" in left.log
    assert '"31": "<version of out/app.apk>"' in left.log
    assert KEY not in left.log.replace(f"::add-mask::{KEY}", "")
    assert not server.requests


def test_check_shows_what_would_be_uploaded(tmp_path: Path) -> None:
    """And sends none of it."""
    left, server = brought(tmp_path, command="check")
    assert left.code == 0
    assert "ok      upload: out/app.apk (0.5 MB) for device 31 would be uploaded" in left.log
    assert not requests(server, "POST")


def test_other_commands_dont_look_at_the_files(tmp_path: Path) -> None:
    """A stop must not fail because of a build that isn't there."""
    left, _server = brought(tmp_path, command="attach", run_id="337", uploads="31=gone.apk")
    assert "can't be uploaded" not in left.log


def test_secrets_in_an_upload_stay_secret(tmp_path: Path) -> None:
    """Also in the name of a file, and in what the platform says about it."""
    name = f"app-{KEY}.apk"
    (tmp_path / name).write_bytes(BUILD)
    refusal = RawReply(422, body=f'{{"error": "{KEY} is no build"}}'.encode())
    left, server = brought(tmp_path, uploads=f"31={name}", faults=(Fault("POST", "/uploads", reply=refusal),))
    assert left.code == 3
    assert KEY not in left.log.replace(f"::add-mask::{KEY}", "")
    assert KEY not in left.report("ctrf.json") + left.report("report.html") + left.outputs["reason"]
    assert len(requests(server, "POST")) == 1


def test_a_cancel_ends_an_upload(tmp_path: Path) -> None:
    """Nothing is started afterwards."""
    (tmp_path / "app.apk").write_bytes(BUILD)
    slow = Fault("POST", "/uploads", action="silence", seconds=300.0)
    with simulator(Scenario({274: QUICK}, (slow,))) as server:
        process = start(tmp_path, inputs(server, uploads="31=app.apk", upload_project_id="24"))
        wait_until(lambda: requests(server, "POST", "/uploads"))
        interrupt(process, signal.SIGTERM)
        left = finish(process, tmp_path)
        assert not requests(server, "POST", "/execution_results")
    assert (left.code, left.outputs["conclusion"]) == (143, "cancelled")
    assert not left.outputs.get("left-running")
