"""The same job of Jenkins, without a test report."""

from testgate.wire import Request
from tests.providers.described.scenes import Scene, missing, path_of
from tests.providers.described.vendors.jenkins import VENDOR as JENKINS
from tests.providers.described.vendors.jenkins import platform as jenkins
from tests.support.simulated import Answer


def platform(scene: Scene, request: Request, now: float) -> Answer:
    """Answer one request; nothing asks for a test report."""
    return missing(request) if "testReport" in path_of(request) else jenkins(scene, request, now)


VENDOR = JENKINS._replace(provider="jenkins-build", platform=platform, tests=False, messages=False)
