"""What every forge guarantees. The tests run over the registry."""

import contextlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import testgate
from testgate.errors import PlatformError, ReportError
from testgate.forges import FORGES, forge_of
from testgate.platforms import choose
from testgate.ports import Build
from testgate.ports.forge import Comment, Forge
from testgate.wire import Call, Reply
from tests.forges.play import BUILD, forge_on
from tests.forges.standins import STAND_INS, TOKEN
from tests.support.replies import objects, reply
from tests.support.surroundings import load, recorded

FIELDS = (
    *("id", "iid", "number", "body", "user", "author", "type", "state", "head", "sha", "ref", "content", "raw"),
    *("values", "value", "next", "comments", "isDeleted", "deleted", "system", "uuid", "authenticatedUser", "status"),
    *("pullRequestId",),
)
each_forge = pytest.mark.parametrize("name", FORGES)
WILD = "../a b?c#d"


def calls(forge: Forge) -> Iterator[Call[Any]]:
    """Every call of a forge."""
    yield from (forge.create(WILD, "hello"), forge.myself(), forge.comments(WILD, 2))
    yield from (forge.update(WILD, Comment(WILD, ""), "hello"), forge.delete(WILD, Comment(WILD, "")))
    yield from forge.changes()


def forge(name: str) -> Forge:
    """The adapter in a usual job."""
    return forge_on(name, STAND_INS[name]())


def test_each_forge_has_a_stand_in() -> None:
    """A new forge gets all these tests."""
    assert [*STAND_INS] == [*FORGES]


@each_forge
def test_only_the_creation_is_not_repeatable(name: str) -> None:
    """Sending anything else again does no harm."""
    assert [call.repeatable for call in calls(forge(name))][:2] == [False, True]
    assert sum(not call.repeatable for call in calls(forge(name))) == 1


@each_forge
def test_requests_hide_the_token_and_encode_ids(name: str) -> None:
    """It is in no `repr`, and an id never adds a path or query of its own."""
    for call in calls(forge(name)):
        assert call.request.credential is not None
        assert TOKEN not in repr(call.request)
        assert call.request.url.startswith(f"{STAND_INS[name].api}/")
        assert not any(part in call.request.url for part in ("/../", " ", "?", "#"))


@each_forge
@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 409, 422, 429, 500, 503])
def test_an_error_status_is_never_read_as_an_answer(name: str, status: int) -> None:
    """Whatever the body says, an error status raises."""
    for call in calls(forge(name)):
        for body in (b"", b"<html>no</html>", b'{"id": 1, "value": [], "values": []}', b"[]"):
            with pytest.raises(PlatformError):
                call.read(Reply(status, {}, body, call.request))


@each_forge
@given(content=objects(FIELDS))
def test_any_reply_is_read_or_refused(name: str, content: object) -> None:
    """A reader returns a value or raises a platform error; a new comment always has an id."""
    for call in calls(forge(name)):
        with contextlib.suppress(PlatformError):
            found = call.read(reply(content, request=call.request))
            assert not isinstance(found, Comment) or found.id


@each_forge
def test_the_forge_is_found_in_a_usual_job(name: str) -> None:
    """The CI's environment is enough; the token only goes to the API of that forge."""
    environ = recorded(name)
    found = forge_of(environ, load(choose(environ), environ).build, TOKEN)
    assert found is not None
    assert found.name == forge(name).name
    questions = found.changes()
    assert questions
    assert all(call.request.url.startswith("https://") for call in questions)


def test_forgejo_is_like_gitea() -> None:
    """It sets GitHub's variables too, and has another API."""
    found = forge_of(recorded("forgejo"), BUILD, TOKEN)
    assert found is not None
    assert found.create("12", "x").request.url.startswith("https://code.example.com/api/v1/repos/")


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        (
            {"CIRCLE_PULL_REQUEST": "https://github.com/shop/web/pull/7"},
            "https://api.github.com/repos/shop/web/issues/7/",
        ),
        (
            {"CHANGE_URL": "https://gitlab.com/shop/sub/web/-/merge_requests/7"},
            "https://gitlab.com/api/v4/projects/shop%2Fsub%2Fweb/merge_requests/7/",
        ),
        (
            {"CHANGE_URL": "https://bitbucket.org/shop/web/pull-requests/7"},
            "https://api.bitbucket.org/2.0/repositories/shop/web/pullrequests/7/",
        ),
        (
            {"BUILDKITE": "true", "BUILDKITE_REPO": "git@github.com:shop/web.git"},
            "https://api.github.com/repos/shop/web/issues/12/",
        ),
        (
            {"TF_BUILD": "True", "BUILD_REPOSITORY_PROVIDER": "GitHub", "BUILD_REPOSITORY_NAME": "shop/web"},
            "https://api.github.com/repos/shop/web/issues/12/",
        ),
        (
            {
                "CI": "woodpecker",
                "CI_FORGE_TYPE": "forgejo",
                "CI_FORGE_URL": "https://git.example.com",
                "CI_REPO": "shop/web",
            },
            "https://git.example.com/api/v1/repos/shop/web/issues/12/",
        ),
        (
            {
                "GITLAB_CI": "true",
                "CI_API_V4_URL": "https://gl.example/api/v4",
                "CI_PROJECT_ID": "2",
                "CI_MERGE_REQUEST_PROJECT_ID": "1",
            },
            "https://gl.example/api/v4/projects/1/merge_requests/12/",
        ),
        (
            {"GITHUB_ACTIONS": "true", "GITHUB_API_URL": "https://ghe.example/api/v3", "GITHUB_REPOSITORY": "shop/web"},
            "https://ghe.example/api/v3/repos/shop/web/issues/12/",
        ),
    ],
)
def test_other_cis_name_the_pull_request(environ: Mapping[str, str], url: str) -> None:
    """Where that is certain."""
    found = forge_of(environ, BUILD, TOKEN)
    assert found is not None
    change = found.change
    assert found.create(change, "x").request.url.startswith(url)


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"CIRCLE_PULL_REQUEST": "https://github.com.evil.example/shop/web/pull/7"},
        {"CIRCLE_PULL_REQUEST": "https://evil.example/https://github.com/shop/web/pull/7"},
        {"CIRCLE_PULL_REQUEST": "http://github.com/shop/web/pull/7"},
        {"CHANGE_URL": "https://github.com/shop/web/issues/7"},
        {"BUILDKITE": "true", "BUILDKITE_REPO": "git@git.example.com:shop/web.git"},
        {"TF_BUILD": "True", "BUILD_REPOSITORY_PROVIDER": "Svn"},
        {"GITLAB_CI": "true"},
        {"GITHUB_ACTIONS": "true"},
        {"GITEA_ACTIONS": "true", "GITHUB_ACTIONS": "true"},
    ],
)
def test_nothing_is_guessed(environ: Mapping[str, str]) -> None:
    """The token goes nowhere then."""
    assert forge_of(environ, BUILD, TOKEN) is None


@pytest.mark.parametrize(
    "api", ["http://git.example.com/api/v1", "https://user@evil.example", "ftp://x", "https://a b"]
)
def test_the_token_is_sent_over_https_only(api: str) -> None:
    """Except to this machine."""
    environ = {"GITEA_ACTIONS": "true", "GITHUB_API_URL": api, "GITHUB_REPOSITORY": "shop/web"}
    with pytest.raises(ReportError):
        forge_of(environ, BUILD, TOKEN)


@given(text=st.text(max_size=20))
@example(text="\\")
@example(text='\\"')
def test_a_hostile_branch_stays_in_its_place(text: str) -> None:
    """Strangers name branches."""
    build = Build(branch=f'x" OR state="{text}', commit="")
    for name in FORGES:
        for call in forge_on(name, STAND_INS[name](), build).changes():
            assert json.dumps(dict(call.request.query))
            assert call.request.url.startswith(STAND_INS[name].api)
            query = call.request.query.get("q", "")
            unescaped = re.sub(r"\\.", "", query, flags=re.DOTALL)
            assert unescaped.count('"') == 4 or not query


@pytest.mark.parametrize(
    ("token", "environ", "header", "value"),
    [
        ("glpat-0123", {}, "PRIVATE-TOKEN", "glpat-0123"),
        ("glcbt-0123", {}, "JOB-TOKEN", "glcbt-0123"),
        ("0123456789", {"CI_JOB_TOKEN": "0123456789"}, "JOB-TOKEN", "0123456789"),
    ],
)
def test_gitlab_takes_each_token_in_its_header(token: str, environ: Mapping[str, str], header: str, value: str) -> None:
    """As it documents."""
    found = forge_of({**STAND_INS["gitlab"].environ, **environ}, BUILD, token)
    assert found is not None
    credential = found.myself().request.credential
    assert credential is not None
    assert (credential.header, credential.value) == (header, value)


def test_a_user_of_bitbucket_gives_name_and_token() -> None:
    """API tokens need the e-mail address."""
    found = forge_of(STAND_INS["bitbucket"].environ, BUILD, "ann@example.com:t0ken")
    assert found is not None
    credential = found.myself().request.credential
    assert credential is not None
    assert credential.value == "Basic YW5uQGV4YW1wbGUuY29tOnQwa2Vu"


def test_the_token_of_an_azure_job_is_a_bearer() -> None:
    """Personal access tokens are passwords."""
    found = forge_of(STAND_INS["azure"].environ, BUILD, "eyJh.eyJi.c2ln")
    assert found is not None
    credential = found.myself().request.credential
    assert credential is not None
    assert credential.value == "Bearer eyJh.eyJi.c2ln"


def test_nothing_of_it_is_loaded_at_the_start() -> None:
    """Only the end of a step needs it, and the trigger should leave at once."""
    script = (
        "import sys, testgate.composition.step\n"
        "late = ('testgate.forges', 'testgate.publishing', 'testgate.reports.comment')\n"
        "print([name for name in sys.modules if name.startswith(late)])"
    )
    source = Path(testgate.__file__).parents[1]
    run = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", script], cwd=source, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
