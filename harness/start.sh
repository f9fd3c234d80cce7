#!/bin/sh
# start.sh COMMAND [ARGUMENT...]: builds what the command needs, and runs it. Help, a plan and whatever only reads records
# need neither the datapaths nor the packages that compile them.
command=$1
shift
needs=dist/.built
case $command in
  bench) script=harness/main needs=build ;;
  bisect) script=harness/bisect-main needs=build ;;
  invoker) script=impls/main needs=build ;;
  loadgen) script=loadgen/main needs=build ;;
  nightly) script=harness/nightly-main needs=build ;;
  report) script=harness/report-main needs=charts ;;
  *) script=harness/$command-main ;;
esac
for word in "$@"; do
  case $command:$word in compare:--pair | compare:--pair=*) needs=build ;; esac
done
for word in "$@"; do
  case $word in -h | -help | --help | --version | --dry-run | --clean) needs=dist/.built ;; esac
done
# What building says is no output of the command: --json is read by programs.
make -s $needs >&2 || exit 1
exec node --enable-source-maps "dist/$script.js" "$@"
