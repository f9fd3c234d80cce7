#!/bin/bash
# The runner runs this before each job (ACTIONS_RUNNER_HOOK_JOB_STARTED): before any container of it, and without what its
# workflow sets. It lets no job through but that of the file `workflow` beside it:
# OWNER/REPOSITORY/.github/workflows/nightly.yml@refs/heads/main
allowed=$(cat "${0%/*}/workflow") || allowed=
case $GITHUB_EVENT_NAME in
  schedule | workflow_dispatch) [ -z "$allowed" ] || [ "$GITHUB_WORKFLOW_REF" != "$allowed" ] || exit 0 ;;
esac
logger -t invoker-bench "refused a job of $GITHUB_WORKFLOW_REF on $GITHUB_EVENT_NAME: this runner takes ${allowed:-none}" || :
# Steps with `if: always()` are run after a hook that merely fails: the runner has to end.
kill -KILL "$PPID"
