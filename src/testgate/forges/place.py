"""Where the pull request of a build is, as the CI describes it."""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from testgate.errors import ReportError
from testgate.inputs.values import Fault, Given, base_url
from testgate.ports import Build
from testgate.ports.forge import Forge

# CircleCI names the page of the pull request, and Jenkins that of the change. Only the hosts whose API is certain.
_PAGES = ("CIRCLE_PULL_REQUEST", "CHANGE_URL")
_SEGMENT = r"[A-Za-z0-9_.-]{1,100}"
_FORMS = {
    "github": ("https://api.github.com", rf"https://github\.com/({_SEGMENT}/{_SEGMENT})/pull/([1-9][0-9]{{0,9}})"),
    "gitlab": (
        "https://gitlab.com/api/v4",
        rf"https://gitlab\.com/({_SEGMENT}(?:/{_SEGMENT}){{1,20}})/-/merge_requests/([1-9][0-9]{{0,9}})",
    ),
    "bitbucket": (
        "https://api.bitbucket.org/2.0",
        rf"https://bitbucket\.org/({_SEGMENT}/{_SEGMENT})/pull-requests/([1-9][0-9]{{0,9}})",
    ),
}


class Place(NamedTuple):
    """A repository on a forge, and what is known of the pull request.

    `api` is the base URL of the forge's API. `repository` is its path or id; `project` is what it is in, where the
    forge needs that. If `change` is "", the pull request is looked for by branch and commit. `job_token` is the CI's
    own token, if it has one: some forges want it in a header of its own.
    """

    api: str
    repository: str
    project: str = ""
    change: str = ""
    branch: str = ""
    commit: str = ""
    job_token: str = ""


class ForgeEntry(NamedTuple):
    """How to find the place of a build on this forge, None if it isn't there, and how to make the adapter."""

    place: Callable[[Mapping[str, str], Build], Place | None]
    build: Callable[[Place, str], Forge]


def on_page(forge: str, environ: Mapping[str, str]) -> Place | None:
    """The place that a CI names by the page of the pull request."""
    api, form = _FORMS[forge]
    found = (re.match(rf"{form}(?:/|\Z)", environ.get(variable, "").strip()) for variable in _PAGES)
    page = next(filter(None, found), None)
    return Place(api, page.group(1), change=page.group(2)) if page else None


def checked(place: Place) -> Place:
    """The place, if a secret can be sent there.

    Raises:
        ReportError: it can't.

    """
    try:
        return place._replace(api=base_url(Given(place.api, "")))
    except Fault as fault:
        message = f"the address of the forge's API, as the CI gives it, {fault.what}"
        raise ReportError(message, remedy="Check the variables that are passed to the container.") from fault
