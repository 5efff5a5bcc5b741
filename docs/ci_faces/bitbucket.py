"""A pipe for Bitbucket Pipelines."""

from collections.abc import Sequence

from ci_faces.fields import HEAD, IMAGE, TITLE, Field, folded, key_list, public, secrets

_PIPE = """\
# {head}
name: TestGate
description: {title}
category: Testing
image: {image}
repository: https://bitbucket.org/your-org/testgate
maintainer:
  name: Your organization
  website: https://example.com
vendor:
  name: TestGate
  website: https://example.com
tags:
  - testing
  - end-to-end tests
  - quality gate
variables:
{variables}"""
_USAGE = """\
# Add TESTGATE_API_KEY as a secured repository variable (Repository settings, Pipelines).
pipelines:
  default:
    - step:
        name: Test gate
        max-time: 70 # minutes: longer than TESTGATE_TIMEOUT, so that the gate ends first and writes its reports
        clone:
          enabled: false # TestGate needs no checkout
        script:
          - pipe: docker://{image}
            variables:
              TESTGATE_API_KEY: $TESTGATE_API_KEY
              TESTGATE_TEST_PLAN_ID: "274"
              TESTGATE_TIMEOUT: 1h
        after-script: # also after a failure
          - . testgate-report/outputs.env
          - echo "$TESTGATE_OUT_CONCLUSION - $TESTGATE_OUT_RUN_URL"
        artifacts:
          upload:
            - name: testgate-report
              type: scoped
              paths:
                - testgate-report/**
              capture-on: always
"""
_PAGE = """\
# TestGate as a Bitbucket pipe

<!-- {head} -->

The image is a pipe as it is: [`pipe.yml`](pipe.yml) describes its variables.

## Use

```yaml
{usage}```

It was not tested whether a stopped pipeline sends a signal to a pipe. If the test run should surely be stopped, run the
image as that of the step, as in [docs/ci.md](../../docs/ci.md#bitbucket-pipelines).

Secrets are secured variables of the repository, the workspace or the deployment, handed on as above:

{secrets}
## Publish

`docker://` and the name of an image need no publication. For `pipe: your-org/testgate:{version}`:

1. Create a public repository `your-org/testgate` with this folder, and with an `image` in `pipe.yml` that everyone can
   pull. Replace the maintainer and the URLs.
2. Push a tag `{version}`.
3. To be listed among Bitbucket's integrations, propose it to Atlassian, as their documentation of pipes says.
"""


def files(fields: Sequence[Field], version: str) -> dict[str, str]:
    """The pipe and its page."""
    own = [*secrets(fields), *public(fields)]
    pipe = _PIPE.format(head=HEAD, title=TITLE, image=IMAGE, variables="".join(map(_variable, own)))
    page = _PAGE.format(head=HEAD, usage=_USAGE.format(image=IMAGE), secrets=key_list(fields), version=version)
    return {"bitbucket/pipe.yml": pipe, "bitbucket/README.md": page}


def _variable(field: Field) -> str:
    """One variable. A secret has the value of the secured variable with the same name."""
    name = f"TESTGATE_{field.snake.upper()}"
    default = f"    default: ${name}\n" if field.secret else ""
    return f"  - name: {name}\n    description: {folded(field.description, 6)}    required: false\n{default}"
