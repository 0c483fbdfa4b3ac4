#!/bin/sh
# Sourced by build steps that download: the certificates in EXTRA_CA_FILE are trusted too, and settings that are empty
# are as if they were not there.
if [ -s /run/secrets/extra_ca ]; then
    bundle=$(mktemp)
    cat /etc/ssl/certs/ca-certificates.crt /run/secrets/extra_ca >"$bundle"
    export PIP_CERT="$bundle" NODE_EXTRA_CA_CERTS="$bundle"
fi
[ -z "${PYPI_INDEX_URL:-}" ] || export PIP_INDEX_URL="$PYPI_INDEX_URL"
[ -n "${NPM_CONFIG_REGISTRY:-}" ] || unset NPM_CONFIG_REGISTRY
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
