"""Puts the parts of a step together. Only this package and `usage` know the registries.

A step takes shape in stages, each built whole from the one before:

    foundation    the edges, and which provider, command and models of inputs the step has; never fails
    ready         valid inputs and the provider, or an `InputError`, and nothing was sent
    step          reports have a place, the command runs, its result becomes the gate
    ending        the reports and outputs are published, whatever happened before
"""
