#!/usr/bin/env bash
# Debian packages that only benchmarks need: rsyslog, which `clickledger bench tail` measures the log monitor beside,
# and wrk, which puts the load on the API in `clickledger bench api`. Run it as root.
set -euo pipefail
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends rsyslog rsyslog-kafka wrk
