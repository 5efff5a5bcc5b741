"""Independent readers of the grammars in which CIs are spoken to."""
