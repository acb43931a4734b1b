#!/usr/bin/env bash
# Debian packages that only benchmarks and tests need: rsyslog, which `clickledger bench tail` measures the log monitor
# beside, and wrk, which puts the load on the API in `clickledger bench api`; or those that are named, such as chromium,
# in which the dashboard is tested. Run it as root.
set -euo pipefail
[ $# -gt 0 ] || set -- rsyslog rsyslog-kafka wrk
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
