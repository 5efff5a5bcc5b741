"""Plays the workflows and pipelines to paste in engines of their CIs: `act` and `gitlab-ci-local`."""
