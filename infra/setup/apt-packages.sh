#!/usr/bin/env bash
# Debian packages that only `clickledger bench tail` needs: what the log monitor is measured beside. Run it as root.
set -euo pipefail
apt-get update
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends rsyslog rsyslog-kafka
