"""Honest and lying platforms that know the truth, and an oracle that says from it what the verdict may be."""
