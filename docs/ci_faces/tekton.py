"""A task for Tekton."""

from collections.abc import Sequence

from ci_faces.fields import HEAD, IMAGE, TITLE, Field, folded, key_list, public, secrets

_TASK = """\
# {head}
#
# No parameter has a default of TestGate's: the program applies these, and an empty one counts as not given. Secrets are
# no parameters, since Tekton shows those: they are the keys of a Secret.
apiVersion: tekton.dev/v1
kind: Task
metadata:
  name: testgate
  labels:
    app.kubernetes.io/version: "{version}"
  annotations:
    tekton.dev/pipelines.minVersion: "0.50.0"
    tekton.dev/categories: Testing
    tekton.dev/tags: test
    tekton.dev/displayName: TestGate
spec:
  description: {title}
  params:
    - name: image
      description: TestGate's image.
      default: {image}
    - name: secret
      description: The Secret with the keys, such as api-key.
      default: testgate
{params}  workspaces:
    - name: reports
      description: Where the reports go, and where files that inputs name are.
  results:
    - name: conclusion
      description: The result in one word
    - name: run-url
      description: The URL of the test run
  steps:
    - name: gate
      image: $(params.image)
      command: [/usr/local/bin/testgate] # so that Tekton doesn't ask the registry for the image's own
      workingDir: $(workspaces.reports.path)
      onError: continue # the next step writes the results and ends with this step's exit code
      env:
{keys}{environment}    - name: results
      image: $(params.image)
      workingDir: $(workspaces.reports.path)
      env:
        - name: REPORTS
          value: $(params.report-dir)
      script: |
        #!/bin/sh
        . "$REPORTS/outputs.env"
        printf %s "$TESTGATE_OUT_CONCLUSION" > "$(results.conclusion.path)"
        printf %s "$TESTGATE_OUT_RUN_URL" > "$(results.run-url.path)"
        echo "The test run is at $TESTGATE_OUT_RUN_URL"
        exit "$(cat "$(steps.step-gate.exitCode.path)")"
"""
_USAGE = """\
apiVersion: tekton.dev/v1
kind: TaskRun
metadata:
  generateName: testgate-
spec:
  taskRef:
    name: testgate
  timeout: 1h10m # longer than `timeout`, so that the gate ends first and writes its reports; the default is 1h
  params:
    - name: test-plan-id
      value: "274"
  workspaces:
    - name: reports
      volumeClaimTemplate: # its own volume, kept as long as the TaskRun
        spec:
          accessModes: [ReadWriteOnce]
          resources:
            requests:
              storage: 100Mi
"""
_PAGE = """\
# TestGate as a Tekton Task

<!-- {head} -->

[`task.yaml`](task.yaml) is a Task, and describes all parameters.

## Use

```sh
kubectl apply -f task.yaml
kubectl create secret generic testgate --from-literal=api-key=…
kubectl create -f taskrun.yaml
```

This is `taskrun.yaml`. `kubectl create` gives each one its own name:

```yaml
{usage}```

Secrets are keys of the Secret that the parameter `secret` names, never parameters. Each is named like its input, such
as `api-key`:

{secrets}
## Publish

Replace `{image}` in the task with the name of your image, and put the file where the cluster finds it: `kubectl apply`,
a bundle (`tkn bundle push registry.example.com/testgate-task:{version} -f task.yaml`), or a Git repository for the Git
resolver.
"""


def files(fields: Sequence[Field], version: str) -> dict[str, str]:
    """The task and its page."""
    own, keys = public(fields), secrets(fields)
    task = _TASK.format(
        head=HEAD,
        title=TITLE,
        image=IMAGE,
        version=version,
        params="".join(map(_param, own)),
        keys="".join(map(_key, keys)),
        environment="".join(
            f"        - name: {each.variable}\n          value: $(params.{each.name})\n" for each in own
        ),
    )
    page = _PAGE.format(head=HEAD, usage=_USAGE, secrets=key_list(fields), image=IMAGE, version=version)
    return {"tekton/task.yaml": task, "tekton/README.md": page}


def _param(field: Field) -> str:
    """One parameter."""
    default = "testgate-report" if field.name == "report-dir" else '""'
    return f"    - name: {field.name}\n      description: {folded(field.description, 8)}      default: {default}\n"


def _key(field: Field) -> str:
    """The variable of one secret; its key may be missing."""
    return (
        f"        - name: {field.variable}\n          valueFrom:\n            secretKeyRef:\n"
        f"              name: $(params.secret)\n              key: {field.name}\n              optional: true\n"
    )
