"""An orb for CircleCI."""

from collections.abc import Sequence

from ci_faces.fields import HEAD, IMAGE, REPORT_DIR, TITLE, Field, folded, key_list, public

_ORB = """\
# {head}
#
# No parameter has a default of TestGate's: the program applies these, and an empty one counts as not given. Secrets are
# no parameters, since CircleCI shows those: they come from a context, such as TESTGATE_API_KEY.
version: 2.1
description: {title}
jobs:
  gate:
    description: Runs TestGate, and keeps its reports.
    parameters:
      image:
        description: TestGate's image.
        type: string
        default: {image}
      resource-class:
        description: The machine of the job.
        type: string
        default: small
      no-output-timeout:
        description: How long the job may print nothing. TestGate prints what it waits for.
        type: string
        default: 1h
{parameters}    docker:
      - image: << parameters.image >>
    resource_class: << parameters.resource-class >>
    environment:
{environment}    steps:
      # With `exec`, TestGate replaces the shell and receives the signals that the step gets.
      - run:
          name: Run the tests
          command: exec testgate
          no_output_timeout: << parameters.no-output-timeout >>
      - store_test_results:
          path: << parameters.report-dir >>
      - store_artifacts:
          path: << parameters.report-dir >>
examples:
  gate:
    description: A gate on a test plan. The context contains TESTGATE_API_KEY.
    usage:
{usage}"""
_USAGE = """\
version: 2.1

orbs:
  testgate: your-org/testgate@{version}

workflows:
  gate:
    jobs:
      - testgate/gate:
          context: testgate
          test-plan-id: "274"
          timeout: 50m
"""
_PAGE = """\
# TestGate as a CircleCI orb

<!-- {head} -->

[`orb.yml`](orb.yml) is an orb with the job `gate`, which runs TestGate and keeps its reports. It describes all
parameters.

## Use

```yaml
{usage}```

Jobs on the Free plan end after an hour, so `timeout` is shorter here: the gate ends first and writes its reports.
`post-steps` of the job read `$TESTGATE_OUT_RUN_URL` and the other outputs, if they have `when: always`. Parameters are
text: put numbers in quotes.

Secrets are variables of a context or of the project, never parameters:

{secrets}
## Publish

Replace `{image}` in the orb with the name of your image. Then, with CircleCI's command line:

```sh
circleci orb validate orb.yml
circleci namespace create your-org --org-id 00000000-0000-0000-0000-000000000000
circleci orb create your-org/testgate
circleci orb publish orb.yml your-org/testgate@{version}
```

`circleci orb create --private` makes one that only your organization sees. An orb that others published must be allowed
in the organization's settings (Security).
"""


def files(fields: Sequence[Field], version: str) -> dict[str, str]:
    """The orb and its page."""
    own = public(fields)
    usage = _USAGE.format(version=version)
    orb = _ORB.format(
        head=HEAD,
        title=TITLE,
        image=IMAGE,
        parameters="".join(map(_parameter, own)),
        environment="".join(f"      {each.variable}: << parameters.{each.name} >>\n" for each in own),
        usage="".join(f"      {line}".rstrip() + "\n" for line in usage.splitlines()),
    )
    page = _PAGE.format(head=HEAD, usage=usage, secrets=key_list(fields), image=IMAGE, version=version)
    return {"circleci/orb.yml": orb, "circleci/README.md": page}


def _parameter(field: Field) -> str:
    """One parameter. An enumeration could not be left empty, so all are text."""
    default = REPORT_DIR if field.name == "report-dir" else '""'
    return (
        f"      {field.name}:\n        description: {folded(field.description, 10)}"
        f"        type: string\n        default: {default}\n"
    )
