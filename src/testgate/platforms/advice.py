"""Advice that several CIs share: how to pass variables on, and where secrets are withheld."""


def docker_options(*variables: str) -> str:
    """The options that pass these variables to `docker run`, such as `-e CI -e CI_JOB_ID`."""
    return " ".join(f"-e {variable}" for variable in variables)


def missing_variables(owner: str, *variables: str, image_of: str = "") -> str:
    """Explain that the variables of a job or build, the `owner`, are missing, and how to pass them.

    `image_of` is what has an `image` in the CI's configuration: with TestGate's there, it has all variables.
    """
    pass_them = f"Use the image as the {image_of}'s `image`, or pass them" if image_of else "Pass them"
    return (
        f"the {owner}'s variables are missing, so TestGate can't identify the build. "
        f"{pass_them} to `docker run`: {docker_options(*variables)}"
    )


def check_the_secret(where: str, passing: str) -> str:
    """What to check about an empty secret: that it exists `where` the CI keeps secrets, and the `passing` of it."""
    return f"Check that the secret exists, under exactly that name, in {where}, and that {passing}"


def no_secrets_for_forks(ci: str, skipped: str, rule: str) -> str:
    """Explain an empty secret in a pull request from a fork; `rule` is the line that skips the step or job."""
    return f"{ci} gives no secrets to pull requests from forks. For these, skip the {skipped}:  {rule}"
