# TestGate's image: slim Debian with Python, the program and its libraries, all of it compiled.
# Builds with docker and with podman 4: no heredocs, no `COPY --link`.
ARG PYTHON_IMAGE=docker.io/library/python:3.13-slim-bookworm

# The libraries, which change seldom, are a layer of their own: a machine that keeps images fetches only the program again.
# pip and its traces stay behind.
FROM ${PYTHON_IMAGE} AS libraries
WORKDIR /build
COPY requirements.txt ./
# A virtual environment keeps the program apart from what a derived image installs for the system's Python, and it starts
# faster than from the base's site-packages. The lock and nothing else is installed, and no package runs code here.
# Bytecode that is never checked against its source: one stat less per module, and the same bytes in every build.
RUN python -m venv --without-pip /opt/testgate \
    && pip --python /opt/testgate/bin/python install --no-cache-dir --no-compile --disable-pip-version-check \
        --no-deps --require-hashes --only-binary=:all: -r requirements.txt \
    && python -m compileall -q --invalidation-mode unchecked-hash /opt/testgate/lib

# This stage prepares /image, the tree that is added to base and libraries.
FROM libraries AS program
COPY entrypoint.py LICENSE image/compile_stdlib.py ./
COPY src/testgate ./testgate
# The official image has no bytecode of the standard library, so what a run imports is compiled here.
RUN site=$(echo /opt/testgate/lib/python3*/site-packages) \
    && mkdir -p "/image$site" /image/usr/local/bin /image/usr/share/doc/testgate \
    && cp LICENSE /image/usr/share/doc/testgate/ \
    && cp -r testgate "$site/" \
    && python -m compileall -q --invalidation-mode unchecked-hash "$site/testgate" \
    && /opt/testgate/bin/python -I compile_stdlib.py /image \
    && mv "$site/testgate" "/image$site/" \
    && { echo '#!/usr/bin/env -S --block-signal=INT,TERM /opt/testgate/bin/python -I'; cat entrypoint.py; } \
        > /image/usr/local/bin/testgate \
    && chmod 755 /image/usr/local/bin/testgate \
    && ln -s testgate /image/usr/local/bin/testgate-cleanup

FROM ${PYTHON_IMAGE}
ARG PYTHON_IMAGE
LABEL org.opencontainers.image.title="TestGate" \
      org.opencontainers.image.description="Runs remote test plans from CI and gates the build on their results" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="${PYTHON_IMAGE}"
COPY --from=libraries /opt/testgate /opt/testgate
COPY --from=program /image /
# No USER: GitHub runs actions as root and mounts a workspace that other users can't write to. The program gives the
# reports to the owner of the workspace and doesn't need root itself: `docker run --user` works.
#
# One executable, because `runs.entrypoint` in action.yml replaces ENTRYPOINT with a single path, and both have to start
# the same thing. Its first line makes `env` start Python in its own place, so Python is process 1. SIGINT and SIGTERM are
# blocked until there is a handler: process 1 ignores signals without one, but not those that wait. -I shuts out the job's
# PYTHONPATH and PYTHONHOME. Under its second name, testgate-cleanup, it is what GitHub runs after the job:
# `runs.post-entrypoint`.
ENTRYPOINT ["/usr/local/bin/testgate"]
