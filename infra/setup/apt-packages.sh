#!/usr/bin/env bash
# Debian packages that only benchmarks and two tests need: rsyslog, which `clickledger bench tail` measures the log monitor
# beside; wrk, which puts the load on the API in `clickledger bench api`; nginx, whose JSON lines ingest/nginx.test.ts
# reads; chromium, in which the dashboard is tested. All of them, or those that are named. Run it as root.
set -euo pipefail
[ $# -gt 0 ] || set -- rsyslog rsyslog-kafka wrk nginx chromium
apt-get update
# The test starts an nginx of its own: none is to listen on port 80 because of it.
masked=false
if [ -d /run/systemd/system ] && ! command -v nginx >/dev/null; then
  systemctl mask nginx
  masked=true
fi
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
if $masked; then
  systemctl unmask nginx
  # Nothing to disable unless nginx was among them.
  systemctl disable nginx || true
fi
