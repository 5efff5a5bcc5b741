"""`junit.xml`: `suites` decides which suites and cases it holds, `results` how a result looks, `writer` writes them."""

from testgate.reports.junit.writer import JUnit as JUnit
