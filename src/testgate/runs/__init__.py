"""What acts on runs: starts, watches, collects, reruns, stops and records them."""
