"""The faces of other CIs: in step with the inputs, valid for their CI, without secrets, and without logic."""
