"""The builds that were uploaded: each is an upload with one version, in the fields that the vendor documents."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from testgate.demo.exchange import Recorded
from testgate.demo.multipart import Malformed, parts_of
from testgate.demo.testsigma.replies import Invalid
from testgate.demo.testsigma.scenarios import Habits

FIRST_UPLOAD_ID = 62
FIRST_VERSION_ID = 480
_NEEDED = ("projectId", "name", "uploadType", "platformType")
_TYPES = frozenset({"APK", "IPA", "Attachment"})


class SimulatedUpload(NamedTuple):
    """One upload; `at` is in simulated seconds."""

    id: int
    version: int
    fields: Mapping[str, str]
    file_name: str
    size: int
    digest: str
    at: float


class Uploads:
    """All uploads, oldest first. Not thread-safe."""

    def __init__(self, habits: Habits) -> None:
        self._habits = habits
        self.all: list[SimulatedUpload] = []

    def add(self, request: Recorded, now: float) -> SimulatedUpload:
        """Add the upload that a form describes.

        Raises:
            Invalid: the form lacks something.

        """
        try:
            parts = {part.name: part for part in parts_of(request)}
        except Malformed as malformed:
            raise Invalid(str(malformed), "") from None
        file = parts.pop("fileContent", None)
        fields = {str(name): part.content.decode() for name, part in parts.items()}
        missing = next((name for name in _NEEDED if not fields.get(name)), "")
        if file is None or not file.filename or not file.content:
            raise Invalid("fileContent is missing", "fileContent", 422)
        if missing or fields["uploadType"] not in _TYPES:
            raise Invalid(f"{missing or 'uploadType'} is missing or wrong", missing or "uploadType", 422)
        number, digest = len(self.all), hashlib.sha256(file.content).hexdigest()
        upload = SimulatedUpload(
            FIRST_UPLOAD_ID + number, FIRST_VERSION_ID + number, fields, file.filename, len(file.content), digest, now
        )
        self.all.append(upload)
        return upload

    def answer(self, upload: SimulatedUpload, now: float) -> dict[str, object]:
        """The reply about one upload."""
        ready = now >= upload.at + self._habits.upload_takes
        word = self._habits.upload_word if ready else "IN_PROGRESS"
        return {
            "id": upload.id,
            "createdById": 10,
            "name": upload.fields["name"],
            "latestVersionId": upload.version,
            "latestVersion": {**self._version(upload), "status": word, "errorMessage": None},
            "versions": None,
            "supportedDeviceType": None,
            "isFlutter": False,
        }

    def versions(self, upload_id: str, now: float) -> Sequence[Mapping[str, object]]:
        """The rows of `GET /upload_versions`, which may appear late."""
        listed = (each for each in self.all if now >= each.at + self._habits.versions_listed_after)
        return [self._version(each) for each in listed if upload_id in {"", str(each.id)}]

    def _version(self, upload: SimulatedUpload) -> dict[str, object]:
        """The version of an upload."""
        return {
            "id": upload.version + self._habits.versions_shifted,
            "name": upload.fields.get("version"),
            "path": f"46091/uploads/{upload.fields['projectId']}/{upload.version}/{upload.file_name}",
            "fileName": upload.file_name,
            "uploadType": upload.fields["uploadType"],
            "fileSize": upload.size - self._habits.bytes_lost,
            "preSignedURL": None,
            "signed": False,
            "uploadName": upload.fields["name"],
            "uploadId": upload.id,
        }
