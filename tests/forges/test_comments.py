"""One comment, whatever the forge does: updated in place, never doubled, and never somebody else's."""

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from testgate.errors import BadAnswer, Outage, PlatformError, Refused
from testgate.forges import FORGES
from testgate.ports import Build
from testgate.publishing.marker import Marker, read
from testgate.wire import Reply, Request
from tests.forges.play import MARKER, Fault, Played, forge_on, written
from tests.forges.standins import ME, OTHER, STAND_INS, Pull, StandIn
from tests.support.simulated import Answer, answer, dropped, page, refused

each_forge = pytest.mark.parametrize("name", FORGES)
CREATES = {"POST"}
UPDATES = {"PATCH", "PUT"}


def server_of(name: str, **more: object) -> StandIn:
    """A stand-in of this forge."""
    return STAND_INS[name](**more)  # type: ignore[arg-type]  # the fields that a test names


def nth(methods: set[str], *numbers: int) -> Callable[[Callable[[Request, Callable[[], Reply]], Answer]], Fault]:
    """A fault of requests with these methods, counted from 1; of all if there are no numbers."""
    seen = itertools.count(1)

    def wrap(act: Callable[[Request, Callable[[], Reply]], Answer]) -> Fault:
        def fault(request: Request, hand: Callable[[], Reply]) -> Answer | None:
            if request.method not in methods or (numbers and next(seen) not in numbers):
                return None
            return act(request, hand)

        return fault

    return wrap


def says(status: int, **headers: str) -> Callable[[Request, Callable[[], Reply]], Answer]:
    """Answer with this status, without handling the request."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request, _hand: answer(request, {"message": "no"}, status, named)


def after(outcome: Callable[[Request], Answer]) -> Callable[[Request, Callable[[], Reply]], Answer]:
    """Handle the request, and answer with this."""

    def act(request: Request, hand: Callable[[], Reply]) -> Answer:
        hand()
        return outcome(request)

    return act


def own(name: str, text: str = "earlier", marker: Marker = MARKER) -> str:
    """A comment as an earlier build wrote it."""
    server = server_of(name)
    return f"{marker.line(html=forge_on(name, server).html)}\n\n{text}"


def assert_one(played: Played, server: StandIn, *texts: str) -> None:
    """One comment of ours is left, with one of these texts."""
    ours = [body for body in server.bodies if read(body)]
    assert len(ours) == 1, played.said
    assert ours[0].endswith(texts)


@each_forge
def test_the_first_build_writes_a_comment(tmp_path: Path, name: str) -> None:
    """It begins with the marker."""
    server = server_of(name)
    server.add("please have a look", OTHER)
    played = written(tmp_path, name, server)
    assert str(played.only).startswith("written (")
    assert_one(played, server, "hello")
    assert server.count("POST") == 1
    assert len(server.bodies) == 2


@each_forge
@pytest.mark.parametrize("knows", [True, False])
def test_the_next_build_updates_it(tmp_path: Path, name: str, *, knows: bool) -> None:
    """Also if the token may not ask who it is, as those of a job."""
    server = server_of(name, knows_itself=knows)
    written(tmp_path, name, server)
    played = written(tmp_path, name, server, bodies=["later"])
    assert str(played.only).startswith("updated (")
    assert_one(played, server, "later")
    assert server.count("POST") == 1
    again = written(tmp_path, name, server, bodies=["later"])
    assert str(again.only).startswith("left alone: it says the same")


@each_forge
def test_another_job_or_leg_has_its_own(tmp_path: Path, name: str) -> None:
    """The key says which comment it is."""
    server = server_of(name)
    written(tmp_path, name, server)
    written(tmp_path, name, server, marker=MARKER._replace(key="c" * 32))
    assert len(server.bodies) == 2


@each_forge
@pytest.mark.parametrize("knows", [True, False])
def test_a_marker_that_somebody_else_copied_is_not_ours(tmp_path: Path, name: str, *, knows: bool) -> None:
    """Whoever writes it could change our verdict later."""
    server = server_of(name, knows_itself=knows)
    copied = server.add(own(name, "all is well"), OTHER)
    played = written(tmp_path, name, server)
    assert str(played.only).startswith("written (")
    assert copied.body.endswith("all is well")
    assert not copied.deleted
    assert len(server.bodies) == 2


@each_forge
def test_a_quoted_marker_is_no_marker(tmp_path: Path, name: str) -> None:
    """A reply quotes the whole comment."""
    server = server_of(name)
    server.add("> " + own(name))
    server.add("text first\n" + own(name))
    written(tmp_path, name, server)
    assert len(server.bodies) == 3


@each_forge
def test_ours_is_found_on_a_later_page(tmp_path: Path, name: str) -> None:
    """A pull request can have hundreds of comments."""
    server = server_of(name)
    for number in range(250):
        server.add(f"comment {number}", OTHER)
    server.add(own(name))
    played = written(tmp_path, name, server)
    assert str(played.only).startswith("updated (")
    assert_one(played, server, "hello")


@pytest.mark.parametrize("name", ["github", "gitlab", "bitbucket"])
def test_too_many_comments_are_not_all_read(tmp_path: Path, name: str) -> None:
    """Then nothing is written: ours may be among the others. The other forges give all comments at once."""
    server = server_of(name)
    for _number in range(5001):
        server.add("+", OTHER)
    played = written(tmp_path, name, server)
    assert isinstance(played.only, PlatformError)
    assert server.count("POST") == 0


@each_forge
@pytest.mark.parametrize(("before", "green", "posts"), [(False, True, 0), (False, False, 1)])
def test_changes_without_a_comment(tmp_path: Path, name: str, *, before: bool, green: bool, posts: int) -> None:
    """A green result needs no first comment."""
    assert not before
    server = server_of(name)
    written(tmp_path, name, server, only_changes=True, green=green)
    assert server.count("POST") == posts


@each_forge
def test_changes_writes_only_what_changed(tmp_path: Path, name: str) -> None:
    """The same conclusion with the same failures stays as it is; another one is written, a green one too."""
    server = server_of(name)
    server.add(own(name))
    same = written(tmp_path, name, server, only_changes=True)
    assert str(same.only).startswith("left alone: nothing has changed")
    assert server.bodies == [own(name)]
    other = MARKER._replace(says="d" * 32)
    changed = written(tmp_path, name, server, only_changes=True, green=True, marker=other)
    assert str(changed.only).startswith("updated (")
    assert_one(changed, server, "hello")


@each_forge
@pytest.mark.parametrize(
    ("run", "attempt", "wins"), [("501", 1, True), ("500", 2, True), ("499", 9, False), ("", 1, False)]
)
def test_a_later_build_is_not_overwritten(tmp_path: Path, name: str, run: str, attempt: int, *, wins: bool) -> None:
    """An old build may end last."""
    server = server_of(name)
    server.add(own(name, marker=MARKER._replace(run=run, attempt=attempt)))
    played = written(tmp_path, name, server)
    assert str(played.only).startswith("left alone: a later build" if wins else "updated (")
    assert_one(played, server, "earlier" if wins else "hello")


@each_forge
@pytest.mark.parametrize("latency", [0.0, 0.1])
@pytest.mark.parametrize("writers", [2, 3])
def test_writers_at_the_same_time_leave_one_comment(tmp_path: Path, name: str, latency: float, writers: int) -> None:
    """All of them keep the one with the lowest id."""
    server = server_of(name)
    texts = [f"writer {number}" for number in range(writers)]
    played = written(tmp_path, name, server, bodies=texts, latency=latency)
    assert_one(played, server, *texts)
    left = [each for each in server.stored if not each.deleted]
    assert [each.number for each in left] == [101]
    assert all(isinstance(said, str) for said in played.said)


@each_forge
@pytest.mark.parametrize("order", [(500, 501), (501, 500), (501, 500, 502)])
def test_of_builds_at_the_same_time_the_latest_wins(tmp_path: Path, name: str, order: tuple[int, ...]) -> None:
    """Whoever came first."""
    server = server_of(name)
    markers = [MARKER._replace(run=str(run)) for run in order]
    played = written(tmp_path, name, server, bodies=[f"build {run}" for run in order], markers=markers)
    assert_one(played, server, f"build {max(order)}")


@each_forge
def test_doubles_of_earlier_builds_are_deleted(tmp_path: Path, name: str) -> None:
    """The oldest stays, since people may have answered it."""
    server = server_of(name)
    for text in ("first", "second", "third"):
        server.add(own(name, text))
    played = written(tmp_path, name, server)
    assert_one(played, server, "hello")
    assert not server.stored[0].deleted


@each_forge
@pytest.mark.parametrize("outcome", [dropped, lambda request: page(request, 502), lambda request: page(request, 504)])
def test_a_lost_answer_never_doubles(tmp_path: Path, name: str, outcome: Callable[[Request], Answer]) -> None:
    """The comments are read again, and the comment is there."""
    server = server_of(name)
    played = written(tmp_path, name, server, nth(CREATES)(after(outcome)))
    assert_one(played, server, "hello")
    assert server.count("POST") == 1
    assert str(played.only).startswith("left alone: it says the same")


@each_forge
def test_an_answer_that_cannot_be_read_never_doubles(tmp_path: Path, name: str) -> None:
    """A proxy may replace it by a page."""
    server = server_of(name)
    played = written(tmp_path, name, server, nth(CREATES)(after(lambda request: page(request, 200))))
    assert_one(played, server, "hello")
    assert server.count("POST") == 1


@each_forge
def test_a_comment_that_appears_late_is_not_doubled(tmp_path: Path, name: str) -> None:
    """The request was on its way for two seconds longer than its connection."""
    server = server_of(name)
    late: list[Callable[[], Reply]] = []

    def lose(request: Request, hand: Callable[[], Reply]) -> Answer:
        late.append(hand)
        return dropped(request)

    def arrive(request: Request, _hand: Callable[[], Reply]) -> Answer | None:
        if request.method == "GET" and late and len(server.asked) > 3:
            late.pop()()
        return None

    played = written(tmp_path, name, server, arrive, nth(CREATES)(lose))
    assert_one(played, server, "hello")
    assert server.count("POST") == 1


@each_forge
def test_a_comment_that_never_appears_is_not_sent_again(tmp_path: Path, name: str) -> None:
    """It may still come."""
    server = server_of(name)
    played = written(tmp_path, name, server, nth(CREATES)(lambda request, _hand: dropped(request)))
    assert isinstance(played.only, PlatformError)
    assert "unknown whether" in str(played.only)
    assert server.bodies == []
    assert played.seconds < 15.0


@each_forge
@pytest.mark.parametrize("status", [409, 429, 500, 503])
@pytest.mark.parametrize("methods", [CREATES, UPDATES], ids=["create", "update"])
def test_a_refusal_for_now_is_waited_out(tmp_path: Path, name: str, status: int, methods: set[str]) -> None:
    """The pause that the forge asks for is kept, and the comment is written once."""
    server = server_of(name)
    if methods is UPDATES:
        server.add(own(name))
    played = written(tmp_path, name, server, nth(methods, 1)(says(status, retry_after="3")))
    assert_one(played, server, "hello")
    assert isinstance(played.only, str)
    assert status == 409 or played.seconds >= 3.0


@each_forge
def test_a_rate_limit_while_reading_is_waited_out(tmp_path: Path, name: str) -> None:
    """GitHub's is a 403 that asks to come back."""
    server = server_of(name)
    played = written(tmp_path, name, server, nth({"GET"}, 1)(says(403, retry_after="2")))
    assert_one(played, server, "hello")
    assert played.seconds >= 2.0


@each_forge
@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_missing_permission_is_said_once(tmp_path: Path, name: str, status: int) -> None:
    """Nothing is tried again."""
    server = server_of(name)
    played = written(tmp_path, name, server, nth(CREATES)(says(status)))
    assert isinstance(played.only, Refused)
    assert played.only.status == status
    assert server.bodies == []


@each_forge
def test_a_token_that_may_only_read_is_refused(tmp_path: Path, name: str) -> None:
    """As on pull requests from forks."""
    server = server_of(name, writes=False)
    server.add(own(name))
    played = written(tmp_path, name, server)
    assert isinstance(played.only, Refused)
    assert played.only.status == 403
    assert server.bodies == [own(name)]


@each_forge
@pytest.mark.parametrize("status", [404, 409])
def test_a_comment_that_was_deleted_meanwhile_is_written_again(tmp_path: Path, name: str, status: int) -> None:
    """Somebody may tidy up."""
    server = server_of(name)
    gone = server.add(own(name))

    def delete(request: Request, _hand: Callable[[], Reply]) -> Answer:
        gone.deleted = True
        return answer(request, {"message": "gone"}, status)

    played = written(tmp_path, name, server, nth(UPDATES, 1)(delete))
    assert_one(played, server, "hello")
    assert server.count("POST") == 1


@each_forge
def test_a_long_text_is_shortened_before_it_is_sent(tmp_path: Path, name: str) -> None:
    """Each forge has its limit."""
    server = server_of(name)
    played = written(tmp_path, name, server, bodies=["x" * 2_000_000], latency=0.0, simulated=False)
    assert_one(played, server, "x")
    assert server.count("POST") == 1
    assert len(server.bodies[0]) > server.longest * 0.9


@each_forge
@pytest.mark.parametrize("update", [False, True])
def test_a_text_that_is_refused_for_its_length_is_shortened(tmp_path: Path, name: str, *, update: bool) -> None:
    """A server may have a smaller limit."""
    server = server_of(name, limit=3_000)
    if update:
        server.add(own(name))
    played = written(tmp_path, name, server, bodies=["x" * 20_000])
    assert_one(played, server, "x")
    assert 500 < len(server.bodies[0]) <= 3_000


@each_forge
def test_a_short_text_that_is_refused_is_given_up(tmp_path: Path, name: str) -> None:
    """Then the length isn't the reason."""
    server = server_of(name, limit=10)
    played = written(tmp_path, name, server)
    assert isinstance(played.only, Refused)
    assert server.count("POST") == 1


@each_forge
def test_an_outage_ends(tmp_path: Path, name: str) -> None:
    """The log calls the forge by what it is."""
    played = written(tmp_path, name, server_of(name), lambda request, _hand: refused(request))
    assert isinstance(played.only, Outage)


@each_forge
def test_the_author_must_be_known(tmp_path: Path, name: str) -> None:
    """If the forge doesn't say who we are since it is down, nothing is written: that could double the comment."""
    server = server_of(name)
    server.add(own(name))

    def no_user(request: Request, _hand: Callable[[], Reply]) -> Answer | None:
        asks = request.url.endswith(("/user", "/connectionData"))
        return page(request, 503) if asks else None

    played = written(tmp_path, name, server, no_user)
    assert isinstance(played.only, PlatformError | BadAnswer)
    assert server.bodies == [own(name)]


@each_forge
def test_a_push_finds_the_open_pull_request(tmp_path: Path, name: str) -> None:
    """By its commit or its branch; one that is closed isn't written to."""
    build = Build(branch="feature/login", commit=Pull(12).sha)
    server = server_of(name, pulls=[Pull(11, open=False), Pull(12)])
    played = written(tmp_path, name, server, build=build)
    assert str(played.only).startswith("written (")
    assert_one(played, server, "hello")
    closed = server_of(name, pulls=[Pull(11, open=False), Pull(12, branch="other", sha="0" * 40)])
    nothing = written(tmp_path, name, closed, build=build)
    assert str(nothing.only).startswith("not written: there is no open pull request")
    assert closed.bodies == []


def test_a_workflow_run_for_a_fork_finds_its_pull_request(tmp_path: Path) -> None:
    """GitHub lists it by the fork's branch only."""
    server = server_of("github", pulls=[Pull(12, owner="stranger")])
    build = Build(branch="stranger:feature/login", commit=Pull(12).sha)
    played = written(tmp_path, "github", server, build=build)
    assert_one(played, server, "hello")


def test_a_commit_that_github_does_not_know_is_no_reason_to_stop(tmp_path: Path) -> None:
    """It answers 422."""
    server = server_of("github")
    played = written(tmp_path, "github", server, build=Build(branch="feature/login", commit="abc1234"))
    assert_one(played, server, "hello")


def test_bitbucket_is_not_followed_elsewhere(tmp_path: Path) -> None:
    """The address of the next page could lead anywhere, and the token would go along."""
    server = server_of("bitbucket")
    for number in range(150):
        server.add(f"comment {number}", OTHER)
    written(tmp_path, "bitbucket", server)
    assert {each.query.get("page") for each in server.asked if each.method == "GET"} >= {"1", "2"}
    assert server.stored[-1].author == ME
