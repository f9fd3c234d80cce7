#!/bin/sh
# Builds what the command needs: stored figures are compared without the datapaths and what compiles them.
needs=dist/.built
for word in "$@"; do
  case $word in --pair | --pair=*) needs=build ;; esac
done
make -s "$needs" && exec node --enable-source-maps dist/harness/compare-main.js "$@"
