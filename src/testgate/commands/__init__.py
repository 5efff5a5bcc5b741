"""What TestGate can be asked to do: one file a command."""
