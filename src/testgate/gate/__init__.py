"""What the gate decides: pure functions from what is known of the runs to a verdict and outputs."""
