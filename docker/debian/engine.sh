#!/bin/sh
# Install a container engine, Compose v2 and what builds base images, from Debian's packages alone; as root.
# Takes DEBIAN_MIRROR from the environment. On a release without Compose v2 its package comes from a newer one: the two
# plugins are single programs that need nothing else of the system.
set -eu
newer=trixie
plugins=/usr/local/lib/docker/cli-plugins
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
export DEBIAN_FRONTEND=noninteractive

apt-get update -qq
apt-get install -y -qq --no-install-recommends docker.io containerd runc iptables ca-certificates mmdebstrap
docker compose version >/dev/null 2>&1 && exit 0
if apt-get install -y -qq --no-install-recommends docker-compose docker-buildx 2>/dev/null && docker compose version >/dev/null 2>&1; then
    exit 0
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
chmod 755 .
mkdir -p lists/partial cache/archives/partial
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $newer main" >sources.list
set -- -qq -o "Dir::Etc::SourceList=$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o "Dir::State::Lists=$folder/lists" -o "Dir::Cache=$folder/cache" -o APT::Sandbox::User=root
apt-get "$@" update
apt-get "$@" download docker-compose docker-buildx
for package in *.deb; do dpkg-deb --extract "$package" extracted; done
mkdir -p "$plugins"
cp extracted/usr/libexec/docker/cli-plugins/* "$plugins"
docker compose version
