"""A CI/CD component for GitLab."""

import re
from collections.abc import Sequence

from ci_faces.fields import EXAMPLES, HEAD, IMAGE, REPORT_DIR, TITLE, Field, folded, key_list, public

_TEMPLATE = """\
# {head}
#
# No input has a default of TestGate's: the program applies these, and an empty input counts as not given. Secrets are
# no inputs, since GitLab shows those: they come from the project's CI/CD variables, such as TESTGATE_API_KEY.
spec:
  description: {title}
  inputs:
    job-name:
      description: The name of the job.
      default: testgate
    stage:
      description: The stage of the job.
      default: test
    image:
      description: TestGate's image.
      default: {image}
    job-timeout:
      description: When GitLab ends the job. Longer than `timeout`, so that the gate ends first and writes its reports.
      default: 70m
{inputs}---
"$[[ inputs.job-name ]]":
  stage: $[[ inputs.stage ]]
  image:
    name: $[[ inputs.image ]]
    entrypoint: [""] # GitLab starts a shell in the image
  dependencies: [] # no artifacts of earlier jobs, among them reports of other gates
  interruptible: true # a newer pipeline of the branch cancels this one, and TestGate stops the test run
  timeout: $[[ inputs.job-timeout ]]
  variables:
{variables}  script:
    # The last line, with `exec`: the runner signals its own shell too, and a gate below that shell would die with it.
    - exec testgate
  after_script:
{after}  artifacts:
    when: always
    paths:
      - $[[ inputs.report-dir ]]/
    reports:
      junit: $[[ inputs.report-dir ]]/junit.xml
      dotenv: $[[ inputs.report-dir ]]/outputs.env
"""
_PAGE = """\
# TestGate as a GitLab CI/CD component

<!-- {head} -->

[`templates/testgate.yml`](templates/testgate.yml) is a component with a job that runs TestGate, keeps its reports, and
hands on its outputs. The file describes all inputs.

## Use

```yaml
include:
  - component: $CI_SERVER_FQDN/your-org/testgate/testgate@{version}
    inputs:
      test-plan-id: "274"
```

Later jobs read `$TESTGATE_OUT_RUN_URL` and the other outputs. Inputs are text: put numbers in quotes. Two gates in one
pipeline need different values for `job-name` and `report-dir`.

Secrets are masked variables of the project or group (Settings, CI/CD, Variables), never inputs:

{secrets}
For `command: merge`, add `needs:` and `dependencies:` with the jobs of the legs to a job with the same name in your
own file: this one gets no artifacts of other jobs.

## Publish

1. Create a project for it, such as `your-org/testgate`. Give it a description, and copy this folder and a license to
   its root. Replace `{image}` in the template with the name of your image.
2. Turn on "CI/CD Catalog project" (Settings, General, Visibility). Without that, the component works for everyone who
   can see the project, but is not in the catalog.
3. Push a tag with a semantic version. Its pipeline must create the release with the keyword `release:`: that publishes
   the version in the catalog.
"""


def files(fields: Sequence[Field], version: str) -> dict[str, str]:
    """The component and its page."""
    own = public(fields)
    template = _TEMPLATE.format(
        head=HEAD,
        title=TITLE,
        image=IMAGE,
        inputs="".join(map(_input, own)),
        variables="".join(f'    {each.variable}: "$[[ inputs.{each.name} ]]"\n' for each in own),
        after=_after(),
    )
    page = _PAGE.format(head=HEAD, version=version, secrets=key_list(fields), image=IMAGE)
    return {"gitlab/templates/testgate.yml": template, "gitlab/README.md": page}


def _input(field: Field) -> str:
    """One input. The report directory has a default, since the artifacts are there."""
    default = REPORT_DIR if field.name == "report-dir" else '""'
    options = ", ".join(f'"{word}"' for word in ("", *field.words))
    return (
        f"    {field.name}:\n      description: {folded(field.description, 8)}      default: {default}\n"
        f"{f'      options: [{options}]{chr(10)}' if field.words else ''}"
    )


def _after() -> str:
    """The example's `after_script`, with the inputs' own variables: these come before all others."""
    text = (EXAMPLES / "gitlab" / ".gitlab-ci.yml").read_text(encoding="utf-8")
    script = text.partition("  after_script:\n")[2].partition("  artifacts:\n")[0]
    script = script.replace(f"./{REPORT_DIR}/outputs.env", '"./$INPUT_REPORT_DIR/outputs.env"')
    script = script.replace(f" {REPORT_DIR}/outputs.env", ' "$INPUT_REPORT_DIR/outputs.env"')
    return re.sub(r"TESTGATE_(COMMAND|RUN_ID|REPORT_DIR)=", r"INPUT_\1=", script)
