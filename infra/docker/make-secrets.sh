#!/usr/bin/env bash
# Makes the secrets that docker-compose.yml and infra/kubernetes name, each in a file of a folder (default: secrets) that
# nobody else may enter. What is there stays as it is. Run it as root, or as user 1000.
set -euo pipefail
folder=${1:-secrets}
umask 077
mkdir -p "$folder"

# Elasticsearch takes a file of its own user alone, and the roles have the same number; other images are other users.
owned_by_roles() { chown 1000 "$1" && chmod 400 "$1"; }
password() { [ -s "$folder/$1" ] || openssl rand -hex 24 >"$folder/$1"; }

for name in clickhouse_password elasticsearch_password; do password "$name" && owned_by_roles "$folder/$name"; done
password grafana_password && chmod 444 "$folder/grafana_password"
# The token stays with whoever asks the API, which knows its hash only.
password api_token
[ -s "$folder/api_tokens" ] ||
  printf 'ops:admin:%s\n' "$(tr -d '\n' <"$folder/api_token" | sha256sum | cut -d' ' -f1)" >"$folder/api_tokens"
owned_by_roles "$folder/api_tokens"
