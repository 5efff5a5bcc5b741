"""`summary.md`: `page` arranges the sections that the other modules make; `budget` keeps the page within its limit."""

from testgate.reports.summary.page import Summary as Summary
