"""The same pipeline of GitLab, with the test report that its jobs upload."""

from tests.providers.described.vendors.gitlab_pipeline import VENDOR as PIPELINE

VENDOR = PIPELINE._replace(provider="gitlab-test-report")
