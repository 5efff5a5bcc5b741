"""Test plans by their names: the pages of the list, and whether a name stands for one plan."""

from testgate.errors import Refused
from testgate.model import Target
from testgate.ports import Targets
from testgate.providers.testsigma.answers import PAGE_SIZE, unwrapped
from testgate.shapes import more_follows, rows_in, text_of
from testgate.wire import Reply


def plans_of(reply: Reply, page: int, environment: str = "") -> Targets:
    """Return a page of test plans by their names; rows without an ID are no plans.

    Raises:
        BadAnswer: the reply contains no list; also the errors of `Reply.data`.

    """
    data = reply.data()
    rows = rows_in(reply, unwrapped(data), "list of test plans")
    found = [(text_of(row.get("id")), text_of(row.get("name"))) for row in rows]
    targets = [Target(plan, name, plan, environment) for plan, name in found if plan.isascii() and plan.isdecimal()]
    return Targets(
        targets, str(page + 1) if more_follows(data, len(rows), page, unsaid=len(rows) >= PAGE_SIZE) else None
    )


def named_plan(reply: Reply, *, name: str) -> str:
    """Report the ID of the plan with exactly this name.

    Raises:
        Refused: the list is complete and has no such plan, or it has several.

    """
    page = plans_of(reply, 0)
    found = [target.key for target in page.targets if target.name == name]
    if len(found) == 1:
        return f"known as {found[0]}"
    if found:
        ids = ", ".join(found[:10])
        remedy = f"Give the one that you mean as `test-plan-id`: {ids}."
        raise Refused(f"{len(found)} test plans have this name: {ids}", status=409, remedy=remedy)
    if page.next is not None:
        return f"not among the first {len(page.targets)} that the platform lists; there may be more"
    remedy = "Check `test-plan-name`: write it exactly as on the platform, also its upper and lower case."
    raise Refused("the platform lists no test plan with this name for this key", status=404, remedy=remedy)
