#!/bin/sh
#SBATCH --job-name=invoker-bench
#SBATCH --nodes=2
#SBATCH --exclusive
#SBATCH --no-requeue
# sbatch [OPTIONS] deploy/slurm/bench.sh NETWORK [FLAGS OF npm run bench]
# Measures between the nodes of a job, which have their measured interfaces in NETWORK (10.0.0.0/24).
fail() {
	echo "bench.sh: $1" >&2
	exit 2
}

network=$1
[ -n "$network" ] || fail 'NETWORK: it is missing, that of the measured interfaces such as 10.0.0.0/24'
shift
[ -e dist/.built ] && [ -e build/Release/invoker.node ] ||
	fail "$PWD has no built invoker-bench: submit the job there, after make build"

export IVB_SSH="${IVB_SSH:-sh deploy/slurm/launcher.sh}"
nodes=$(scontrol show hostnames "$SLURM_JOB_NODELIST") || exit 1
[ "$(echo "$nodes" | wc -l)" -ge 2 ] || fail 'a job of two nodes or more is needed (sbatch --nodes=2)'
# This script, and with it the harness, is on the first node; nothing but the invoker is to disturb the server.
server=${IVB_SERVER:-$(echo "$nodes" | sed -n 2p)}
echo "$nodes" | grep -qxF "$server" || fail "IVB_SERVER: $server is no node of this job ($SLURM_JOB_NODELIST)"

ends=
for node in $nodes; do
	found=$($IVB_SSH "$node" "ip -o -4 address show to $network") || exit 1
	[ -n "$found" ] || fail "$node has no address in $network"
	[ "$(echo "$found" | wc -l)" = 1 ] || fail "$node has several addresses in $network"
	role=--client
	[ "$node" = "$server" ] && role=--server
	ends="$ends $role $(echo "$found" | awk -v node="$node" '{ sub("/.*", "", $4); print node ",if=" $2 ",ip=" $4 }')"
done
# In place of this shell: Slurm's signals reach the harness, which the job then waits for.
exec node --enable-source-maps dist/harness/main.js --topology remote $ends "$@"
