"""Simulated platforms, one module each, written from the vendor's documents and not from our file."""
