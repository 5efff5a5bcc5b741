"""Pages of settings for Woodpecker and Drone, where the image is a plugin as it is."""

import re
from collections.abc import Sequence

from ci_faces.fields import EXAMPLES, HEAD, TITLE, Field, public, secrets

_WOODPECKER = """\
---
name: TestGate
author: The TestGate authors
description: {title}
tags: [testing, quality]
containerImage: ghcr.io/your-org/testgate
containerImageUrl: https://github.com/your-org/testgate/pkgs/container/testgate
url: https://github.com/your-org/testgate
---

<!-- {head} -->

Starts end-to-end tests on a remote platform, waits for them, and is green only if their results prove it. The reports
are in `testgate-report` of the workspace.

## Use

```yaml
{usage}```

## Settings

{settings}
## Publish

Any image that the server can pull is a plugin. To list it, open a pull request at Woodpecker's website with the URL of
this page: its index of plugins takes the header above from there. A plugin that gets secrets from a repository which
isn't trusted must be allowed by the secret ("Available for plugins").
"""
_DRONE = """\
---
title: TestGate
author: your-org
tags: [testing, quality]
repo: your-org/testgate
image: ghcr.io/your-org/testgate
---

<!-- {head} -->

Starts end-to-end tests on a remote platform, waits for them, and is green only if their results prove it. The reports
are in `testgate-report` of the workspace. Drone and Harness kill a step that is canceled: the test run continues then.

## Use

```yaml
{usage}```

## Settings

{settings}
## Publish

Any image that the runner can pull is a plugin. To list it, open a pull request at Drone's index of plugins with this
page.
"""


def files(fields: Sequence[Field]) -> dict[str, str]:
    """The two pages."""
    table = _table([*secrets(fields), *public(fields)])
    woodpecker = (EXAMPLES / "woodpecker" / "testgate.yml").read_text(encoding="utf-8")
    return {
        "woodpecker/README.md": _WOODPECKER.format(head=HEAD, title=TITLE, usage=woodpecker, settings=table),
        "drone/README.md": _DRONE.format(head=HEAD, usage=_drone(), settings=table),
    }


def _drone() -> str:
    """The pipeline for Drone on the page about CIs."""
    text = (EXAMPLES / "drone" / ".drone.yml").read_text(encoding="utf-8")
    return re.sub(r"^#.*\n", "", text)


def _table(fields: Sequence[Field]) -> str:
    """The settings, secrets first."""
    rows = "".join(
        f"| `{each.snake}` | {'a secret; ' if each.secret else ''}{each.description.replace('|', chr(92) + '|')} |\n"
        for each in fields
    )
    intro = "A secret is given with `from_secret`. Lists and maps may be YAML."
    return f"{intro}\n\n| Setting | Meaning |\n| --- | --- |\n{rows}"
