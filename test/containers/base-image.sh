#!/usr/bin/env bash
# Makes a stand-in for the official image of Node, as a tar file, where no image can be pulled: Debian by debootstrap from
# the mirror that this machine's apt uses, with the same Node from npm. Run it as root: base-image.sh <tar file> <Node's version>
set -euo pipefail
tar=$1 node=$2
# The npm that comes with Node 24.
npm=11
. /etc/os-release
mirror=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT) $(ORIGIN)' 'Created-By: Packages' |
  awk -v codename="$VERSION_CODENAME" '$2 == codename && $3 == "main" && $4 ~ /^(Debian|Ubuntu)$/ { print $1; exit }')
[ -n "$mirror" ] || { echo "apt has no source of $VERSION_CODENAME main: run apt-get update" >&2; exit 1; }

work=$(mktemp -d)
remove() {
  # An interrupted debootstrap leaves it.
  ! mountpoint -q "$work/root/proc" || umount "$work/root/proc"
  rm -rf "$work" "$tar.part"
}
trap remove EXIT
debootstrap --variant=minbase --include=ca-certificates "$VERSION_CODENAME" "$work/root" "$mirror" >"$work/log" 2>&1 ||
  { tail -20 "$work/log" >&2; exit 1; }
npm install --silent --no-fund --no-audit --prefix "$work/root/usr/local/lib" "node@$node" "npm@$npm"
for program in node npm npx; do ln -s "../lib/node_modules/.bin/$program" "$work/root/usr/local/bin/$program"; done
rm -rf "$work"/root/var/cache/apt/* "$work"/root/var/lib/apt/lists/*
# Authorities that this machine trusts beyond Debian's, so that npm in a container reaches what it reaches outside.
[ -z "${NODE_EXTRA_CA_CERTS:-}" ] || cat "$NODE_EXTRA_CA_CERTS" >"$work/root/etc/ssl/certs/ca-certificates.crt"
mkdir -p "$(dirname "$tar")"
tar --numeric-owner -C "$work/root" -cf "$tar.part" .
mv "$tar.part" "$tar"
