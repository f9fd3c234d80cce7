#!/bin/sh
# Takes the place of ssh within a job of Slurm (IVB_SSH): runs a command on a node of the job, as a step of the job.
# Called as the harness calls ssh: [-o NAME=VALUE]... NODE COMMAND
while [ "$1" = -o ]; do shift 2; done
node=$1
shift
# A cancelled job is killed at once. What its agent had set on the node is undone when the agent is gone.
command=$*
set -- sh -c "$command"
case $command in *agent-main.js*) set -- --task-epilog="$(cd "$(dirname "$0")" && pwd)/clean.sh" "$@" ;; esac
# All steps share the CPUs of their node: which thread has which CPU is for the harness to say.
exec srun --quiet --overlap --nodes=1 --ntasks=1 --nodelist="$node" --cpu-bind=none --mem-bind=none "$@"
