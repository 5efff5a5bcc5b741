"""The command line for people: flags for the inputs, help, and completion. A step in CI has no arguments."""
