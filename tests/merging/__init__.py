"""Merging the reports of a matrix."""
