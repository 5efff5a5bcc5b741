"""A step of a shared library for Jenkins."""

import re
from collections.abc import Sequence
from textwrap import dedent, indent

from ci_faces.fields import EXAMPLES, HEAD, IMAGE, Field, build_variables, key_list, passed, public, secrets

_STEP = """\
// {head}
//
// Runs TestGate, and keeps its reports. Secrets are no inputs, since Jenkins shows those: they come from credentials
// that are bound to variables, such as TESTGATE_API_KEY.
def call(Map inputs = [:]) {{
    def names = [
{names}    ]
    def unknown = inputs.keySet().toList() - names.keySet().toList() - ['image']
    if (unknown) {{
        error "testgate has no ${{unknown.join(', ')}}. It has: image, ${{names.keySet().join(', ')}}"
    }}
    def variables = ["GATE_IMAGE=${{inputs.image ?: '{image}'}}"]
    for (name in names.keySet().toList()) {{
        if (inputs[name] != null) {{
            variables << "${{names[name]}}=${{inputs[name]}}".toString()
        }}
    }}
    def reports = inputs.reportDir ?: 'testgate-report'
    withEnv(variables) {{
        // What the last build left is not what this one says.
        sh '''
            rm -f testgate.cid
            if cd "${{INPUT_REPORT_DIR:-testgate-report}}" 2>/dev/null; then rm -f junit.xml outputs.*; fi
        '''
        try {{
            sh '''
                exec docker run --rm --cidfile testgate.cid -v "$PWD:$PWD" -w "$PWD" \\
{passed}                    "$GATE_IMAGE"
            '''
        }} finally {{
{wait}
            // TestGate decides: some failed tests may be within its limits.
            junit testResults: "${{reports}}/junit.xml", allowEmptyResults: true, skipMarkingBuildUnstable: true
            archiveArtifacts artifacts: "${{reports}}/**", allowEmptyArchive: true
        }}
    }}
}}
"""
_USAGE = """\
@Library('testgate') _

pipeline {
    agent { label 'docker' } // an agent with Docker
    options {
        // Longer than `timeout`, so that the gate ends first and writes its reports.
        timeout(time: 70, unit: 'MINUTES')
        disableConcurrentBuilds(abortPrevious: true) // an abort also stops the test run
    }
    environment {
        TESTGATE_API_KEY = credentials('testgate-api-key') // a credential of the kind "Secret text"
    }
    stages {
        stage('Test plan') {
            steps {
                testgate testPlanId: '274', timeout: '1h'
            }
        }
    }
}
"""
_PAGE = """\
# TestGate as a step of a Jenkins shared library

<!-- {head} -->

[`vars/testgate.groovy`](vars/testgate.groovy) is the step `testgate`, and [`vars/testgate.txt`](vars/testgate.txt)
describes its inputs: the pipeline syntax page of a job shows it. The agent must be Linux with Docker.

## Use

```groovy
{usage}```

Later steps read the outputs from `testgate-report/outputs.json` or `outputs.properties`.

Secrets are credentials that are bound to variables, never inputs:

{secrets}
## Publish

1. Copy the folder `vars` to the root of a repository. Replace `{image}` in `vars/testgate.groovy` with the name of your
   image.
2. Add the repository under "Manage Jenkins", "System", "Global Trusted Pipeline Libraries", with the name `testgate`
   and a tag as its default version; or in the settings of a folder.
"""


def files(fields: Sequence[Field]) -> dict[str, str]:
    """The step, its help and its page."""
    own, keys = public(fields), secrets(fields)
    names = [*build_variables("jenkins/Jenkinsfile"), *(each.variable for each in (*keys, *own))]
    step = _STEP.format(
        head=HEAD,
        image=IMAGE,
        names="".join(f"        {each.camel}: '{each.variable}',\n" for each in own),
        passed=passed(names, 20),
        wait=_wait(),
    )
    page = _PAGE.format(head=HEAD, usage=_USAGE, secrets=key_list(fields), image=IMAGE)
    terms = "".join(f"  <dt><code>{each.camel}</code></dt>\n  <dd>{_html(each.description)}</dd>\n" for each in own)
    text = f"<!-- {HEAD} -->\n<p>Runs remote tests with TestGate, and gates the build on their results.</p>\n<dl>\n"
    return {
        "jenkins/vars/testgate.groovy": step,
        "jenkins/vars/testgate.txt": f"{text}{terms}</dl>\n",
        "jenkins/README.md": page,
    }


def _html(text: str) -> str:
    """A description as HTML, with code between backticks."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", safe)


def _wait() -> str:
    """What the example does after an abort, until the container has ended."""
    text = (EXAMPLES / "jenkins" / "Jenkinsfile").read_text(encoding="utf-8")
    block = text.partition("        always {\n")[2].partition("            // TestGate decides")[0]
    return indent(dedent(block).rstrip(), " " * 12)
