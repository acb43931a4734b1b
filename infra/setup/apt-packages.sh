#!/usr/bin/env bash
# Debian packages that only benchmarks and tests need: rsyslog, which `clickledger bench tail` measures the log monitor
# beside; wrk, which puts the load on the API in `clickledger bench api`; nginx, whose JSON lines ingest/nginx.test.ts
# reads; or those that are named, such as chromium, in which the dashboard is tested, prometheus, whose promtool checks
# the alerts, libfaketime, with which a test moves the clock of Kafka through a year, and docker.io and debootstrap, for
# `npm run test:containers`. Run it as root.
set -euo pipefail
[ $# -gt 0 ] || set -- rsyslog rsyslog-kafka wrk nginx
apt-get update
# Only the programs are wanted: no service of theirs is to start, now or with the machine.
masked=()
if [ -d /run/systemd/system ]; then
  for service in nginx prometheus; do
    if [[ " $* " == *" $service "* ]] && ! command -v "$service" >/dev/null; then
      systemctl mask "$service"
      masked+=("$service")
    fi
  done
fi
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
for service in ${masked[@]+"${masked[@]}"}; do
  systemctl unmask "$service"
  systemctl disable "$service"
done
