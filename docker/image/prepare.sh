#!/bin/sh
# First build step: two environments, one that builds and one that is shipped, and the certificates that both trust.
set -eu
# shellcheck disable=SC2086 # several names in one setting
sh docker/image/packages.sh ${BUILD_PACKAGES:-}
python3 -m venv /opt/build
# Without pip: the shipped one is only filled from outside.
python3 -m venv --without-pip /opt/app
cat /etc/ssl/certs/ca-certificates.crt >/opt/app/ca-certificates.crt
[ ! -s /run/secrets/extra_ca ] || cat /run/secrets/extra_ca >>/opt/app/ca-certificates.crt
