"""A reusable workflow for GitHub."""

import re
from collections.abc import Sequence

from ci_faces.fields import EXAMPLES, HEAD, Field, Output, folded, public, secrets

_WORKFLOW = """\
# {head}
#
# No input has a default of TestGate's: the action applies these, and an empty input counts as not given.
name: TestGate

on:
  workflow_call:
    inputs:
      job-name:
        description: The name of the job.
        type: string
        default: Test gate
      runs-on:
        description: The label of a Linux runner with Docker.
        type: string
        default: ubuntu-latest
      job-minutes:
        description: When GitHub ends the job. Longer than `timeout`, so that the gate ends first and reports.
        type: number
        default: 70
      artifact:
        description: The name of the artifact with the reports. Two gates in one workflow need different ones.
        type: string
        default: testgate-report
{inputs}    secrets:
{secrets}    outputs:
{outputs}
permissions: {{}} # TestGate needs none

jobs:
  testgate:
    name: ${{{{ inputs.job-name }}}}
    runs-on: ${{{{ inputs.runs-on }}}}
    timeout-minutes: ${{{{ inputs.job-minutes }}}}
    outputs:
{results}    steps:
      - name: Run the tests
        id: testgate
        uses: {action} # your copy of TestGate; pin it to a commit
        with:
{given}
      - name: Keep the reports
        if: always() && steps.testgate.outputs.report-dir != ''
        uses: {upload}
        with:
          name: ${{{{ inputs.artifact }}}}
          path: ${{{{ steps.testgate.outputs.report-dir }}}}
"""
_USAGE = """\
name: Test gate

on:
  push:
    branches: [main]
  pull_request:

permissions: {} # TestGate needs none

concurrency:
  group: testgate-${{ github.ref }}
  cancel-in-progress: ${{ github.event_name == 'pull_request' }} # canceling also stops the test run

jobs:
  testgate:
    uses: your-org/testgate/.github/workflows/testgate.yml@main # your copy of TestGate; pin it to a commit
    with:
      test-plan-id: "274"
      timeout: 1h
    secrets:
      api-key: ${{ secrets.TESTGATE_API_KEY }}

  show:
    needs: testgate
    if: always() && needs.testgate.outputs.run-url != ''
    runs-on: ubuntu-latest
    timeout-minutes: 5
    steps:
      - run: echo "The test run is at $RUN_URL"
        env:
          RUN_URL: ${{ needs.testgate.outputs.run-url }}
"""
_PAGE = """\
# TestGate as a reusable GitHub workflow

<!-- {head} -->

[`testgate.yml`](testgate.yml) is a workflow with one job, which runs the action and keeps its reports. It describes all
inputs, secrets and outputs. Who needs more steps in the same job uses the action itself.

## Use

```yaml
{usage}```

Inputs are text: put numbers, `true` and `false` in quotes. Secrets are handed on under `secrets:`, never under `with:`:

{secrets}
GitHub drops an output of a job that contains a masked value.

## Publish

1. Save the file as `.github/workflows/testgate.yml` in your copy of TestGate. In it, replace `{action}` with your copy.
2. If the copy is private, let other repositories use it: Settings, Actions, General, Access.
"""


def files(fields: Sequence[Field], outputs: Sequence[Output]) -> dict[str, str]:
    """The workflow and its page."""
    own, keys = public(fields), secrets(fields)
    example = (EXAMPLES / "github" / "testgate.yml").read_text(encoding="utf-8")
    used = re.findall(r"uses: (\S+(?: # v[\d.]+)?)", example)
    given = [*((each.name, "secrets") for each in keys), *((each.name, "inputs") for each in own)]
    workflow = _WORKFLOW.format(
        head=HEAD,
        action=used[0],
        upload=used[1],
        inputs="".join(f'{_described(each)}        type: string\n        default: ""\n' for each in own),
        secrets="".join(f"{_described(each)}        required: false\n" for each in keys),
        outputs="".join(
            f"{_described(each)}        value: ${{{{ jobs.testgate.outputs.{each.name} }}}}\n" for each in outputs
        ),
        results="".join(f"      {each.name}: ${{{{ steps.testgate.outputs.{each.name} }}}}\n" for each in outputs),
        given="".join(f"          {name}: ${{{{ {source}.{name} }}}}\n" for name, source in given),
    )
    page = _PAGE.format(
        head=HEAD,
        usage=_USAGE,
        action=used[0],
        secrets="".join(f"- `{each.name}`: {each.description}\n" for each in keys),
    )
    return {"github/testgate.yml": workflow, "github/README.md": page}


def _described(each: Field | Output) -> str:
    """The name and the description."""
    return f"      {each.name}:\n        description: {folded(each.description, 10)}"
