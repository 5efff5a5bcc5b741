"""A template of steps for Azure Pipelines."""

from collections.abc import Sequence

from ci_faces.fields import HEAD, IMAGE, REPORT_DIR, Field, build_variables, key_list, passed, public, secrets

_TEMPLATE = """\
# {head}
#
# No parameter has a default of TestGate's: the program applies these, and an empty one counts as not given. Secrets are
# no parameters, since Azure shows those: they are secret variables of the pipeline, such as TESTGATE_API_KEY. One that
# doesn't exist counts as empty.
parameters:
  - name: image
    displayName: TestGate's image
    type: string
    default: {image}
  - name: stepName
    displayName: The name of the step. Its output variables are $(NAME.TESTGATE_OUT_RUN_URL) and so on.
    type: string
    default: gate
  - name: artifact
    displayName: The name of the artifact with the reports
    type: string
    default: testgate-report-$(System.StageAttempt)-$(System.JobAttempt)
{parameters}
steps:
  # With `exec`, canceling the job reaches docker, and TestGate in the container stops the test run.
  - script: |
      exec docker run --rm -v "$PWD:$PWD" -w "$PWD" \\
{passed}        "$GATE_IMAGE"
    name: ${{{{ parameters.stepName }}}}
    displayName: Run the tests
    env:
      GATE_IMAGE: ${{{{ parameters.image }}}}
{environment}{keys}
  - task: PublishTestResults@2
    displayName: Publish the test results
    condition: succeededOrFailed()
    inputs:
      testResultsFormat: JUnit
      testResultsFiles: ${{{{ parameters.reportDir }}}}*/junit.xml
      testRunTitle: TestGate ${{{{ parameters.stepName }}}}

  - publish: ${{{{ parameters.reportDir }}}}
    displayName: Keep the reports
    condition: always()
    artifact: ${{{{ parameters.artifact }}}}
"""
_USAGE = """\
trigger:
  branches:
    include: [main]

resources:
  repositories:
    - repository: testgate
      type: git
      name: your-project/testgate
      ref: refs/heads/main

pool:
  vmImage: ubuntu-latest

jobs:
  - job: gate
    timeoutInMinutes: "70" # longer than `timeout`, so that the gate ends first and writes its reports
    workspace:
      clean: resources # a self-hosted agent keeps the folder, with the reports of the last build
    steps:
      - template: testgate.yml@testgate
        parameters:
          testPlanId: "274"

      - script: echo "The test run is at $RUN_URL"
        condition: succeededOrFailed()
        env:
          RUN_URL: $(gate.TESTGATE_OUT_RUN_URL)
"""
_PAGE = """\
# TestGate as an Azure Pipelines template

<!-- {head} -->

[`testgate.yml`](testgate.yml) is a template of steps: it runs TestGate, publishes the test results, and keeps the
reports. It describes all parameters. The agent must be Linux with Docker.

## Use

```yaml
{usage}```

Two gates in one job need different values for `stepName`, `artifact` and `reportDir`.

Secrets are secret variables of the pipeline or of a variable group, never parameters:

{secrets}
## Publish

1. Put `testgate.yml` into a repository of your organization. Replace `{image}` in it with the name of your image.
2. Name that repository under `resources`, as above. With `type: github`, add `endpoint:` with a service connection.
3. Pin `ref` to a tag, so that a change of the template reaches a pipeline only when you want it to.
"""


def files(fields: Sequence[Field]) -> dict[str, str]:
    """The template and its page."""
    own, keys = public(fields), secrets(fields)
    names = [*build_variables("azure/azure-pipelines.yml"), *(each.variable for each in (*keys, *own))]
    template = _TEMPLATE.format(
        head=HEAD,
        image=IMAGE,
        parameters="".join(map(_parameter, own)),
        passed=passed(names, 8),
        environment="".join(f"      {each.variable}: ${{{{ parameters.{each.camel} }}}}\n" for each in own),
        keys="".join(f"      {each.variable}: $({each.variable})\n" for each in keys),
    )
    page = _PAGE.format(head=HEAD, usage=_USAGE, secrets=key_list(fields), image=IMAGE)
    return {"azure/testgate.yml": template, "azure/README.md": page}


def _parameter(field: Field) -> str:
    """One parameter. Azure's lists of values can't hold an empty one, so all are text."""
    default = REPORT_DIR if field.name == "report-dir" else '""'
    shown = field.plain.replace('"', "'")
    return f'  - name: {field.camel}\n    displayName: "{shown}"\n    type: string\n    default: {default}\n'
