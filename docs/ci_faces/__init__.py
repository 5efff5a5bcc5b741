"""TestGate in the words of each CI: a component, an orb, a template, a plugin and so on, all for the same image.

They have no logic: each passes its inputs on to the image as `INPUT_…` variables, where an empty one counts as not
given. Names, descriptions and accepted words come from the models of the inputs.
"""

from collections.abc import Sequence

from ci_faces import azure, bitbucket, buildkite, circleci, github, gitlab, index, jenkins, settings, tekton
from ci_faces.fields import Field, Output

__all__ = ["Field", "Output", "made"]


def made(fields: Sequence[Field], outputs: Sequence[Output], version: str) -> dict[str, str]:
    """The files by their paths below `faces/`."""
    return {
        "README.md": index.page(),
        **gitlab.files(fields, version),
        **circleci.files(fields, version),
        **azure.files(fields),
        **buildkite.files(fields, version),
        **bitbucket.files(fields, version),
        **jenkins.files(fields),
        **tekton.files(fields, version),
        **github.files(fields, outputs),
        **settings.files(fields),
    }
