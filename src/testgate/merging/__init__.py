"""Combines the reports of a matrix of jobs into one gate. Pure: text goes in."""
