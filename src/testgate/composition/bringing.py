"""The builds that a step brings along: what is wrong with their files, and what a dry run shows of them."""

from collections.abc import Callable

from testgate.composition.ready import Ready
from testgate.ports import Provider
from testgate.ports.uploading import Uploader
from testgate.wire import Request

_EXAMPLE = "31=app/build/outputs/apk/release/app-release.apk"


def problems(ready: Ready) -> list[str]:
    """The files that can't be uploaded, each with the reason."""
    uploader = _uploader(ready)
    if uploader is None:
        return []
    from testgate.runs.uploading import part_of  # only for those who bring a build

    found = []
    for upload in uploader.uploads:
        try:
            part_of(upload.path, ready.foundation.step.workspace.open_given)
        except OSError as error:
            why = error.strerror or str(error)
            found.append(f"`uploads`: {upload.path} can't be uploaded ({why}). Example: {_EXAMPLE}")
    return found


def first_requests(ready: Ready, label: Callable[[], str]) -> list[Request]:
    """The uploads, for a dry run."""
    uploader = _uploader(ready)
    if uploader is None:
        return []
    from testgate.runs.uploading import part_of  # only for those who bring a build

    opened = ready.foundation.step.workspace.open_given
    return [uploader.upload(part_of(each.path, opened), label()).request for each in uploader.uploads]


def shown(ready: Ready) -> Provider:
    """The provider as a dry run shows it: the versions are known only after the uploads."""
    uploader = _uploader(ready)
    if uploader is None:
        return ready.provider
    return uploader.using(
        {each: f"<version of {upload.path}>" for upload in uploader.uploads for each in upload.devices}
    )


def _uploader(ready: Ready) -> Uploader | None:
    """What uploads files, if the command looks at them."""
    return ready.provider.uploader() if ready.foundation.command.brings else None
