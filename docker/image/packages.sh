#!/bin/sh
# Install Debian (or Alpine) packages in an image that is being built, from DEBIAN_MIRROR when it is set.
set -eu
[ $# -gt 0 ] || exit 0
if command -v apk >/dev/null; then
    exec apk add --no-cache "$@"
fi
if [ -n "${DEBIAN_MIRROR:-}" ]; then
    # Debian's own images name its servers in one of two formats; security updates lie beside the archive on mirrors.
    find /etc/apt '(' -name '*.list' -o -name '*.sources' ')' -exec sed -E -i \
        -e "s#https?://(deb|security)\.debian\.org/debian-security/?#${DEBIAN_MIRROR%/}-security#" \
        -e "s#https?://deb\.debian\.org/debian/?([^-]|\$)#${DEBIAN_MIRROR%/}\1#" {} +
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "$@"
rm -rf /var/lib/apt/lists/*
