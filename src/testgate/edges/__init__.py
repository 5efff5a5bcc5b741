"""What touches the world: network, log, files, programs and signals."""
