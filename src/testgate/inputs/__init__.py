"""Reads typed inputs from the environment."""
