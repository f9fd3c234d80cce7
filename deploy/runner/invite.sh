#!/bin/sh
# invite.sh WHOSE HOST [GROUP]: has HOST (as ssh reaches root there) take one job of WHOSE: repos/OWNER/REPOSITORY, or orgs/OWNER
# with the number of a runner group. To be run where `gh` may administer that, which is not HOST: a machine that runs jobs has no
# lasting credential.
set -eu
whose=$1 host=$2 group=${3:-1}
config=$(gh api --method POST "$whose/actions/runners/generate-jitconfig" \
  --field name="invoker-bench-$(date -u +%Y%m%d-%H%M%S)" --field runner_group_id="$group" \
  --field 'labels[]=self-hosted' --field 'labels[]=linux' --field 'labels[]=invoker-bench' --field 'labels[]=ephemeral' \
  --jq .encoded_jit_config)
echo "ACTIONS_RUNNER_INPUT_JITCONFIG=$config" |
  ssh "$host" 'umask 077 && cat >/run/invoker-bench-runner.env && systemctl start invoker-bench-runner'
