"""Finds runs by their mark in a list of a described platform. Pure."""

from testgate.model import Run, Target
from testgate.providers.described.answers import url_of
from testgate.providers.described.opening import Opening
from testgate.providers.described.refs import keep
from testgate.shapes import id_of, text_of
from testgate.wire import Reply


def found_runs(reply: Reply, document: Opening, data: object, target: Target, mark: str) -> list[Run]:
    """The runs of a list that carry our mark."""
    find = document.find
    if find is None:
        return []
    rows = find.rows(data)
    if not isinstance(rows, list):
        raise reply.bad_answer("no list of runs")
    ours = [row for row in rows if text_of(find.mark(row)) == mark]
    return [
        Run(each, target, url_of(find.url(row)) if find.url else "", ref=keep({}, document.trigger.keep, row).text)
        for row in ours
        if (each := id_of(find.id(row)))
    ]
