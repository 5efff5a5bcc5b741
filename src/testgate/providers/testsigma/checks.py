"""The harmless questions that show whether the inputs are right, and the readers of their answers."""

from collections.abc import Callable, Sequence
from functools import partial

from testgate.errors import Refused
from testgate.ports import Targets
from testgate.providers.testsigma.answers import PAGE_SIZE, unwrapped
from testgate.providers.testsigma.catalogue import named_plan
from testgate.providers.testsigma.options import TestsigmaOptions
from testgate.shapes import more_follows, rows_in, text_of
from testgate.text import one_line
from testgate.wire import Api, Call, Reply


def questions(
    api: Api, options: TestsigmaOptions, names: Sequence[str], seek: Callable[[str], Call[Targets]]
) -> Sequence[tuple[str, Call[str]]]:
    """Check the key and the URL, and then whether the key can see the plans and the environment.

    The latter lists may be refused; that proves nothing.
    """
    environments = api.request("GET", "environments", query={"page": "0", "size": str(PAGE_SIZE)})
    asked = [("key", Call("read the environments", environments, accepted))]
    for plan in options.test_plan_id:
        request = api.request("GET", "test_plans", query={"query": f"id:{plan}", "page": "0", "size": "1"})
        read = partial(named_in_list, wanted=plan, name="test-plan-id")
        asked.append((f"test plan {plan}", Call(f"read test plan {plan}", request, read, essential=False)))
    for name in names:
        call = seek(name)
        asked.append((f"test plan {name!r}", Call(call.what, call.request, partial(named_plan, name=name))))
    if options.environment_id is not None:
        read = partial(named_in_list, wanted=options.environment_id, name="environment-id")
        call_environments = Call("read the environments", environments, read, essential=False)
        asked.append((f"environment {options.environment_id}", call_environments))
    return asked


def named_in_list(reply: Reply, *, wanted: int, name: str) -> str:
    """Report the name of the item with the ID `wanted`, which the input `name` contains.

    Raises:
        Refused: the list is complete and has no such item.
        BadAnswer: the reply contains no list; also the errors of `Reply.data`.

    """
    rows = rows_in(reply, unwrapped(reply.data()), "list")
    for row in rows:
        if text_of(row.get("id")) == str(wanted):
            return f"known as {one_line(reply.redact(text_of(row.get('name'))) or 'nameless', 100)!r}"
    if more_follows(reply.data(), len(rows), 0, unsaid=len(rows) >= PAGE_SIZE):
        return f"not among the first {len(rows)} that the platform lists; there may be more"
    remedy = f"Check `{name}` ({wanted}), and that `base-url` is the address of your account's region."
    raise Refused(f"the platform does not know {wanted} for this key", status=404, remedy=remedy)


def accepted(reply: Reply) -> str:
    """Report that the platform accepts the key; raises the errors of `Reply.data`."""
    reply.data()
    return "the platform accepts the key"
