#!/usr/bin/env bash
# Debian packages that only benchmarks and tests need: rsyslog, which `clickledger bench tail` measures the log monitor
# beside; wrk, which puts the load on the API in `clickledger bench api`; nginx, whose JSON lines ingest/nginx.test.ts
# reads; or those that are named, such as chromium, in which the dashboard is tested. Run it as root.
set -euo pipefail
[ $# -gt 0 ] || set -- rsyslog rsyslog-kafka wrk nginx
apt-get update
# The test starts an nginx of its own: none is to listen on port 80 because of it.
masked=false
if [[ " $* " == *" nginx "* ]] && [ -d /run/systemd/system ] && ! command -v nginx >/dev/null; then
  systemctl mask nginx
  masked=true
fi
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
if $masked; then
  systemctl unmask nginx
  systemctl disable nginx
fi
