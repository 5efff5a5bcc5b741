"""The simulated Testifly."""
