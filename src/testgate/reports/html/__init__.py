"""`report.html`: one page with everything, for people. It needs no network, and shows the verdict without scripts."""

from testgate.reports.html.page import Html as Html
