#!/bin/sh
# Builds what the command needs: help, a plan or a report is printed without the datapaths and what compiles them.
needs=build
for word in "$@"; do
  case $word in -h | --help | --version | --dry-run | --clean) needs=dist/.built ;; esac
done
make -s "$needs" && exec node --enable-source-maps dist/harness/main.js "$@"
