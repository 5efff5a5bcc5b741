"""Uploads of builds to Testsigma, each with the reader of its reply.

The vendor documents `POST /uploads`, `GET /uploads` and `GET /upload_versions`. Nobody documents that `latestVersionId`
of an upload is what `uploadVersions` of a trigger wants. So the version comes from the list of versions: what is there
is one, and it must be that of the upload that our label names.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath

from testgate.errors import PlatformError
from testgate.ports import Provider
from testgate.ports.uploading import Upload, Uploaded
from testgate.providers.testsigma.answers import PAGE_SIZE, unwrapped
from testgate.providers.testsigma.options import TestsigmaOptions
from testgate.shapes import field_of, folded, id_of, number_of, rows_in, text_of
from testgate.text import one_line
from testgate.wire import Api, Call, FilePart, Reply

_UPLOADS = "uploads"
_LONGEST_NAME = 60
_LONGEST_WORD = 100
_DONE = frozenset({"", "success", "completed", "complete", "uploaded"})
_BROKEN = frozenset({"failed", "failure", "error", "aborted", "rejected"})
_ODD = re.compile(r"[^A-Za-z0-9._-]+")


class TestsigmaUploader:
    """Implements `ports.Uploader`. `using` makes the provider whose triggers name the versions."""

    def __init__(self, api: Api, options: TestsigmaOptions, using: Callable[[Mapping[str, str]], Provider]) -> None:
        self._api = api
        self._options = options
        self._using = using

    @property
    def uploads(self) -> Sequence[Upload]:
        """One upload per file; devices that share a file share its version."""
        devices: dict[str, list[str]] = {}
        for device, path in self._options.uploads.items():
            devices.setdefault(path, []).append(device)
        return [Upload(path, ids) for path, ids in devices.items()]

    def upload(self, file: FilePart, label: str) -> Call[Uploaded]:
        """`POST /uploads`: a new upload with one version, which is called like our label."""
        options = self._options
        form = {
            "projectId": str(options.upload_project_id or ""),
            "applicationId": str(options.upload_application_id or ""),
            "name": _name(file, label),
            "uploadType": PurePosixPath(file.name).suffix[1:].upper(),
            "platformType": "TestsigmaLab",
            "isPublic": "true",
            "version": label,
        }
        form = {name: text for name, text in form.items() if text}
        request = self._api.request("POST", _UPLOADS, form=form)._replace(file=file._replace(field="fileContent"))
        read = partial(uploaded, name=form["name"])
        return Call(f"upload {file.name}", request, read, repeatable=False)

    def find(self, file: FilePart, label: str) -> Call[Sequence[Uploaded]]:
        """`GET /uploads` with the name, which no other upload has."""
        name = _name(file, label)
        query = {"query": f"name:{name}", "page": "0", "size": str(PAGE_SIZE)}
        request = self._api.request("GET", _UPLOADS, query=query)
        return Call(f"look for the upload of {file.name}", request, partial(_named, name=name))

    def state(self, uploaded_before: Uploaded) -> Call[Uploaded]:
        """`GET /uploads/{id}`."""
        request = self._api.request("GET", _UPLOADS, uploaded_before.id)
        return Call(f"read upload {uploaded_before.id}", request, partial(_same, before=uploaded_before))

    def version(self, found: Uploaded, file: FilePart, label: str) -> Call[str]:
        """`GET /upload_versions` of the upload."""
        query = {"query": f"uploadId:{found.id}", "page": "0", "size": str(PAGE_SIZE)}
        request = self._api.request("GET", "upload_versions", query=query)
        labels = frozenset({label, _name(file, label)})
        read = partial(version_of, found=found, size=file.size, labels=labels)
        return Call(f"read the version of upload {found.id}", request, read)

    def using(self, versions: Mapping[str, str]) -> Provider:
        """Return the provider whose runs use these versions."""
        return self._using(versions)


def _name(file: FilePart, label: str) -> str:
    """The name of the upload: it says what it is, is unique, and has no sign that a query would read."""
    stem = _ODD.sub("-", PurePosixPath(file.name).stem)[:_LONGEST_NAME].strip("-.")
    return "-".join(filter(None, (stem, _ODD.sub("-", label))))


def uploaded(reply: Reply, *, name: str = "") -> Uploaded:
    """Return the upload that an answer describes; it must be the one with this name, if there is one.

    Raises:
        PlatformError: it is another one, the platform could not use the file, or it contradicts itself.
        BadAnswer: it describes none; also the errors of `Reply.data`.

    """
    return _upload_in(reply, reply.data(), name)


def _upload_in(reply: Reply, data: object, name: str) -> Uploaded:
    """The same of a part of an answer."""
    upload_id = id_of(field_of(data, "id"))
    if not upload_id:
        raise reply.bad_answer("no upload")
    latest = field_of(data, "latestVersion")
    told = {id_of(each) for each in (field_of(data, "latestVersionId"), field_of(latest, "id"))} - {""}
    owner = id_of(field_of(latest, "uploadId"))
    if len(told) > 1 or owner not in {"", upload_id}:
        what = f"versions {', '.join(sorted(told))}" if len(told) > 1 else f"a version of upload {owner}"
        raise PlatformError(f"it isn't certain which version of upload {upload_id} is this build: it names {what}")
    called = text_of(field_of(data, "name")).strip()
    if name and called not in {"", name}:
        shown = one_line(reply.redact(called), _LONGEST_WORD)
        raise PlatformError(f"the platform answered with another upload: {upload_id}, called {shown!r}")
    error = text_of(field_of(latest, "errorMessage")) or text_of(field_of(data, "errorMessage"))
    word = text_of(field_of(latest, "status")) or text_of(field_of(data, "uploadStatus"))
    if error or folded(word) in _BROKEN:
        said = one_line(reply.redact(error or word), _LONGEST_WORD)
        remedy = "Check that the file is a complete build for this kind of device."
        raise PlatformError(f"the platform could not use upload {upload_id}: {said}", remedy=remedy)
    pending = "" if folded(word) in _DONE else one_line(reply.redact(word), _LONGEST_WORD)
    return Uploaded(upload_id, next(iter(told), ""), pending, ours=bool(name) and called == name)


def _named(reply: Reply, *, name: str) -> Sequence[Uploaded]:
    """The uploads with exactly this name; some servers ignore the filter."""
    rows = rows_in(reply, unwrapped(reply.data()), "list of uploads")
    return [_upload_in(reply, row, name) for row in rows if text_of(row.get("name")).strip() == name]


def _same(reply: Reply, *, before: Uploaded) -> Uploaded:
    """The upload, read again."""
    now = uploaded(reply)
    if now.id != before.id or (before.version and now.version not in {"", before.version}):
        raise reply.bad_answer(f"another upload than {before.id}")
    return now._replace(version=now.version or before.version, ours=before.ours)


def version_of(reply: Reply, *, found: Uploaded, size: int, labels: Collection[str]) -> str:
    """Return the ID of the only version of an upload of ours; "" if it isn't listed yet.

    It must have this size in bytes; and the upload or its version must carry one of the labels.

    Raises:
        PlatformError: there are several, or the only one isn't certainly what was uploaded.
        BadAnswer: the reply contains no list; also the errors of `Reply.data`.

    """
    rows = rows_in(reply, unwrapped(reply.data()), "list of upload versions")
    of_it = [row for row in rows if id_of(row.get("uploadId")) == found.id]
    if not of_it and found.version:  # a list need not say whose the versions are; our answer said which one is ours
        unsaid = (row for row in rows if row.get("uploadId") in (None, ""))
        of_it = [row for row in unsaid if id_of(row.get("id")) == found.version]
    if not of_it:
        return ""
    ids = {id_of(row.get("id")) for row in of_it}
    sizes = {number_of(row.get("fileSize")) for row in of_it} - {None}
    (version,) = ids if len(ids) == 1 else ("",)
    if not version or (found.version and version != found.version):
        listed = ", ".join(sorted(filter(None, ids))) or "none"
        raise PlatformError(f"it isn't certain which version of upload {found.id} is this build: {listed}")
    if sizes - {size}:
        wrong = next(iter(sizes - {size}))
        raise PlatformError(f"version {version} of upload {found.id} has {wrong} bytes, and the file has {size}")
    names = {text_of(row.get(key)).strip() for row in of_it for key in ("name", "uploadName")}
    if not found.ours and names.isdisjoint(labels):
        raise PlatformError(f"nothing shows that version {version} of upload {found.id} is this build")
    return version
