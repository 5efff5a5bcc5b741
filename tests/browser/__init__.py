"""Pages for the tests in a browser, which are JavaScript."""
