#!/bin/sh
# Builds what the command needs: help, a plan or a report is printed without the datapaths and what compiles them.
needs=build
for word in "$@"; do
  case $word in -h | --help | --version | --dry-run | --clean) needs=dist/.built ;; esac
done
# What building says is no output of the command: --json is read by programs.
make -s "$needs" >&2 && exec node --enable-source-maps dist/harness/main.js "$@"
