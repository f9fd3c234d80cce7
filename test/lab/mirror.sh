#!/bin/sh
# Prints where this host gets its packages from: the first archive of Debian's among its own sources, which may name others.
cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
  awk '$1 == "deb" || $1 == "URIs:" { for (i = 2; i <= NF; i++) if ($i ~ /:\/\/.*\/debian\/?$/ && !n++) print $i }'
