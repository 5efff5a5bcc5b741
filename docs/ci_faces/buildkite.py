"""A plugin for Buildkite."""

from collections.abc import Sequence

from ci_faces.fields import HEAD, IMAGE, TITLE, Field, build_variables, folded, key_list, passed, public, secrets

_PLUGIN = """\
# {head}
#
# Secrets are no properties, since Buildkite shows those: they are variables of the job, such as TESTGATE_API_KEY.
name: TestGate
description: {title}
author: The TestGate authors
requirements:
  - docker
configuration:
  properties:
    image:
      description: TestGate's image.
      type: string
{properties}  additionalProperties: false
"""
_COMMAND = """\
#!/bin/bash
# {head}
set -euo pipefail

# A property that isn't set has no variable, and docker passes none on then.
{exports}
# Leave out `-t`: with a terminal, docker passes on no signals. With `exec`, the job ends when the container does.
exec docker run --rm -v "$PWD:$PWD" -w "$PWD" \\
  -v "$(command -v buildkite-agent):/usr/local/bin/buildkite-agent:ro" \\
{passed}  "${{BUILDKITE_PLUGIN_TESTGATE_IMAGE:-{image}}}"
"""
_UPLOAD = """\
#!/bin/bash
# {head}
set -euo pipefail

buildkite-agent artifact upload "${{BUILDKITE_PLUGIN_TESTGATE_REPORT_DIR:-testgate-report}}*/**/*"
"""
_USAGE = """\
steps:
  - label: Test plan
    key: testgate
    timeout_in_minutes: 70 # longer than `timeout`, so that the gate ends first and writes its reports
    secrets:
      TESTGATE_API_KEY: testgate_api_key # a secret of the cluster; without one, set it in the agent's environment hook
    plugins:
      - your-org/testgate#v{version}:
          test-plan-id: 274
"""
_PAGE = """\
# TestGate as a Buildkite plugin

<!-- {head} -->

[`plugin.yml`](plugin.yml) describes all properties, [`hooks/command`](hooks/command) runs TestGate, and
[`hooks/post-command`](hooks/post-command) uploads its reports, also after a failure. The agent must be Linux with
Docker.

## Use

```yaml
{usage}```

Later steps read the outputs with `buildkite-agent meta-data get TESTGATE_OUT_RUN_URL`. Lists are text, with commas or
lines between the items.

Secrets are variables of the job, never properties:

{secrets}
## Publish

1. Copy this folder to the root of a repository whose name is `testgate-buildkite-plugin`: the hooks read variables that
   have their names from it. Replace `{image}` in `hooks/command` with the name of your image.
2. Push a tag such as `v{version}`, and name it in pipelines. A private repository is named by its URL.
3. To be listed, a public repository needs the topic `buildkite-plugin`.
"""


def files(fields: Sequence[Field], version: str) -> dict[str, str]:
    """The plugin, its hooks and its page."""
    own, keys = public(fields), secrets(fields)
    names = [*build_variables("buildkite/pipeline.yml"), *(each.variable for each in (*keys, *own))]
    command = _COMMAND.format(head=HEAD, exports="".join(map(_export, own)), passed=passed(names, 2), image=IMAGE)
    page = _PAGE.format(
        head=HEAD, usage=_USAGE.format(version=version), secrets=key_list(fields), image=IMAGE, version=version
    )
    return {
        "buildkite/plugin.yml": _PLUGIN.format(head=HEAD, title=TITLE, properties="".join(map(_property, own))),
        "buildkite/hooks/command": command,
        "buildkite/hooks/post-command": _UPLOAD.format(head=HEAD),
        "buildkite/README.md": page,
    }


def _property(field: Field) -> str:
    """One property. Without quotes, an id is a number in YAML."""
    words = ", ".join(f'"{word}"' for word in field.words)
    kind = "type: boolean" if field.flag else f"enum: [{words}]" if words else "type: [string, number]"
    return f"    {field.name}:\n      description: {folded(field.description, 8)}      {kind}\n"


def _export(field: Field) -> str:
    """The line that hands on one property."""
    own = f"BUILDKITE_PLUGIN_TESTGATE_{field.snake.upper()}"
    return f'[ -z "${{{own}+set}}" ] || export {field.variable}="${own}"\n'
