#!/usr/bin/env bash
# Debian packages that only benchmarks and one test need: rsyslog, which `clickledger bench tail` measures the log monitor
# beside; wrk, which puts the load on the API in `clickledger bench api`; nginx, whose JSON lines ingest/nginx.test.ts
# reads. Run it as root.
set -euo pipefail
apt-get update
# The test starts an nginx of its own: none is to listen on port 80 because of it.
masked=false
if [ -d /run/systemd/system ] && ! command -v nginx >/dev/null; then
  systemctl mask nginx
  masked=true
fi
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends rsyslog rsyslog-kafka wrk nginx
if $masked; then
  systemctl unmask nginx
  systemctl disable nginx
fi
