"""What Testsigma says about uploads: a version counts only if it is certainly that of the file."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.errors import BadAnswer, PlatformError
from testgate.inputs.reading import read
from testgate.ports.uploading import Uploaded
from testgate.providers.testsigma.options import TestsigmaOptions
from testgate.providers.testsigma.provider import Testsigma
from testgate.providers.testsigma.uploading import uploaded, version_of
from testgate.wire import FilePart, Request
from tests.inputs.test_options import lookup
from tests.support.replies import reply

SIZE = 181368
LATEST = {"id": 68, "name": "v101", "fileName": "app.apk", "fileSize": SIZE, "status": "SUCCESS", "uploadId": 62}
ANSWER = {"id": 62, "name": "app", "latestVersionId": 68, "latestVersion": LATEST, "versions": None}
ROW = {"id": 68, "name": "v101", "fileName": "app.apk", "fileSize": SIZE, "uploadId": 62}
NAME = "app-mark-1"
LABELS = frozenset({NAME, "mark-1"})
FOUND = Uploaded("62", "68", ours=True)
FILE = FilePart("", "app.apk", SIZE, io.BytesIO)


def with_latest(**changed: object) -> dict[str, Any]:
    """The documented answer with changes in its version."""
    return {**ANSWER, "latestVersion": {**LATEST, **changed}}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (ANSWER, Uploaded("62", "68")),
        ({**ANSWER, "id": 62.0, "latestVersionId": "68"}, Uploaded("62", "68")),
        (with_latest(status="IN_PROGRESS"), Uploaded("62", "68", "IN_PROGRESS")),
        (with_latest(status="Completed"), Uploaded("62", "68")),
        ({"id": 152, "uploadStatus": "InProgress", "status": 1}, Uploaded("152", "", "InProgress")),
        ({"id": 152, "uploadStatus": "Completed", "status": 1}, Uploaded("152")),
        ({"id": 62}, Uploaded("62")),
        ({**ANSWER, "latestVersion": None}, Uploaded("62", "68")),
        ({**ANSWER, "latestVersionId": None}, Uploaded("62", "68")),
    ],
)
def test_documented_answers(answer: object, expected: Uploaded) -> None:
    """Old and new forms of the vendor's documentation."""
    assert uploaded(reply(answer)) == expected


@pytest.mark.parametrize("answer", [{}, [], None, "62", {"id": None}, {"id": ""}, {"id": "../x"}, {"id": True}])
def test_what_is_no_upload(answer: object) -> None:
    """It is looked for then."""
    with pytest.raises(BadAnswer):
        uploaded(reply(answer))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({**ANSWER, "latestVersionId": 69}, "it names versions 68, 69"),
        (with_latest(uploadId=63), "a version of upload 63"),
        (with_latest(status="FAILED"), "could not use upload 62: FAILED"),
        (with_latest(errorMessage="not an APK"), "could not use upload 62: not an APK"),
        ({"id": 62, "uploadStatus": "Error"}, "could not use upload 62: Error"),
    ],
)
def test_uploads_that_cannot_be_used(answer: object, why: str) -> None:
    """No other answer would change that."""
    with pytest.raises(PlatformError, match=why) as caught:
        uploaded(reply(answer))
    assert not isinstance(caught.value, BadAnswer)


OTHERS = [{**ROW, "id": 70, "uploadId": 63}, {**ROW, "id": 71, "uploadId": 64}]
UNSAID = {name: value for name, value in ROW.items() if name != "uploadId"}


@pytest.mark.parametrize(
    ("rows", "found", "expected"),
    [
        ([ROW], FOUND, "68"),
        ([ROW], Uploaded("62", ours=True), "68"),
        ({"content": [ROW]}, FOUND, "68"),
        ([*OTHERS, ROW], FOUND, "68"),  # a server that ignores the filter
        ([*OTHERS, ROW], Uploaded("62", ours=True), "68"),
        ([{**ROW, "name": "mark-1"}], Uploaded("62"), "68"),
        ([{**ROW, "uploadName": f" {NAME} "}], Uploaded("62", "68"), "68"),
        ([{**ROW, "fileSize": None}], FOUND, "68"),
        ([{**ROW, "fileSize": float(SIZE)}], FOUND, "68"),
        ([UNSAID], FOUND, "68"),
        ([UNSAID], Uploaded("62"), ""),  # whose it is isn't known
        ([{**UNSAID, "id": 69}], FOUND, ""),
        (OTHERS, FOUND, ""),
        ([], FOUND, ""),
    ],
)
def test_the_version_of_an_upload(rows: object, found: Uploaded, expected: str) -> None:
    """It is the only one of our upload."""
    assert version_of(reply(rows), found=found, size=SIZE, labels=LABELS) == expected


@pytest.mark.parametrize(
    "rows",
    [
        [ROW, {**ROW, "id": 69}],
        [{**ROW, "id": 69}],
        [{**ROW, "id": None}],
        [{**ROW, "fileSize": SIZE - 1}],
        [{**ROW, "fileSize": "large"}],
        [ROW, {**ROW, "fileSize": 1}],
    ],
)
def test_a_version_that_may_be_another_one(rows: object) -> None:
    """Nothing is started with it."""
    with pytest.raises(PlatformError) as caught:
        version_of(reply(rows), found=FOUND, size=SIZE, labels=LABELS)
    assert not isinstance(caught.value, BadAnswer)


def test_a_version_that_nothing_names() -> None:
    """It could be that of an upload which the platform had before."""
    with pytest.raises(PlatformError, match="nothing shows that version 68 of upload 62 is this build"):
        version_of(reply([ROW]), found=Uploaded("62", "68"), size=SIZE, labels=LABELS)


def test_another_upload_is_not_taken_for_ours() -> None:
    """A platform that answers with one that it has already says so by its name."""
    with pytest.raises(PlatformError, match="another upload: 62, called 'app'"):
        uploaded(reply(ANSWER), name=NAME)
    assert uploaded(reply({**ANSWER, "name": f" {NAME}"}), name=NAME) == FOUND
    assert uploaded(reply({**ANSWER, "name": None}), name=NAME) == Uploaded("62", "68")


_IDS: st.SearchStrategy[Any] = st.sampled_from([62, "62", 63, None, "", 68, 69, "68", 1.5, True, [], "x/y"])
_ROWS = st.lists(
    st.dictionaries(
        st.sampled_from(["id", "uploadId", "fileSize", "name"]), st.one_of(_IDS, st.sampled_from([SIZE, 1]))
    ),
    max_size=4,
)


@given(_ROWS, st.sampled_from(["", "68"]))
def test_no_list_leads_to_another_build(rows: list[dict[str, Any]], version: str) -> None:
    """What is returned is a row of our upload, or one that our own answer named; never of another size."""
    try:
        chosen = version_of(reply(rows), found=Uploaded("62", version, ours=True), size=SIZE, labels=LABELS)
    except PlatformError:
        return
    if chosen:
        ours = [row for row in rows if str(row.get("id")) in {chosen, f"{chosen}.0"}]
        assert any(str(row.get("uploadId")) == "62" or version == chosen for row in ours)
        assert version in {"", chosen}
        assert all(row.get("fileSize") in (None, "", SIZE) for row in ours if str(row.get("uploadId")) == "62")


def options(**texts: str) -> TestsigmaOptions:
    """The options of a provider."""
    return read(lookup({f"INPUT_{name.upper()}": text for name, text in texts.items()}), [TestsigmaOptions]).of(
        TestsigmaOptions
    )


def sent(name: str, label: str) -> Request:
    """The request that uploads a file."""
    provider = Testsigma(None, "k" * 20, options(uploads=f"31={name}", upload_project_id="24"))
    uploader = provider.uploader()
    assert uploader is not None
    call = uploader.upload(FILE._replace(name=name), label)
    assert not call.repeatable
    return call.request


@pytest.mark.parametrize("name", ["a:b,c.apk", "büild (1).apk", "-.apk", "x" * 300 + ".apk", "APP.IPA"])
def test_the_name_of_an_upload_is_plain_and_unique(name: str) -> None:
    """A query can look for it, and it ends with our label."""
    form = sent(name, "testgate-4711.1-ab12").form
    assert form is not None
    assert form["name"].endswith("testgate-4711.1-ab12")
    assert set(form["name"]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
    assert len(form["name"]) < 100
    assert form["version"] == "testgate-4711.1-ab12"
    assert form["uploadType"] in {"APK", "IPA"}
    assert "applicationId" not in form


def test_nothing_is_uploaded_unless_it_is_asked_for() -> None:
    """There is no uploader then."""
    assert Testsigma(None, "k" * 20, options()).uploader() is None
