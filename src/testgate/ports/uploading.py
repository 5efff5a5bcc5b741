"""Builds that a step brings along: what a provider says about uploading them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from testgate.wire import Call, FilePart

if TYPE_CHECKING:
    from testgate.ports import Provider


class Upload(NamedTuple):
    """A file of the workspace, and the ids of the devices that are to use it."""

    path: str
    devices: Sequence[str]


class Uploaded(NamedTuple):
    """What the platform says about a file that it was sent.

    `version` is the id of its version; "" if the answer doesn't say. `pending` is the platform's word for an upload
    that it is still working on; "" if it is done. An `ours` one carries the label that we gave it.
    """

    id: str
    version: str = ""
    pending: str = ""
    ours: bool = False


class Uploader(Protocol):
    """Uploads files before anything is started. Like a provider, it only says what to do.

    `label` is unique to one upload, so whatever carries it is ours. The readers of replies raise `PlatformError` if the
    platform says that it could not use the file.
    """

    @property
    def uploads(self) -> Sequence[Upload]:
        """What the inputs ask for; each file once."""

    def upload(self, file: FilePart, label: str) -> Call[Uploaded]:
        """Send the file in the field that the platform expects; not repeatable."""

    def find(self, file: FilePart, label: str) -> Call[Sequence[Uploaded]]:
        """Look for the uploads that carry the label."""

    def state(self, uploaded: Uploaded) -> Call[Uploaded]:
        """Read the upload again."""

    def version(self, uploaded: Uploaded, file: FilePart, label: str) -> Call[str]:
        """Ask which version the upload has: an id that is certain, or "" if the platform doesn't list it yet.

        Reading the reply raises `PlatformError` if it could be another one.
        """

    def using(self, versions: Mapping[str, str]) -> "Provider":
        """Return the provider whose runs use these versions, by device."""
