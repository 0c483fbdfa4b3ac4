# A stand-in for the image `valkey/valkey`: Debian's package.
ARG BASE
FROM ${BASE}
ARG DEBIAN_MIRROR=""
RUN --mount=type=bind,source=docker/image,target=/mnt/image \
    groupadd --gid 999 valkey && useradd --uid 999 --gid 999 --no-create-home valkey \
    && sh /mnt/image/packages.sh valkey-server valkey-tools \
    && install --directory --owner valkey --group valkey /data
WORKDIR /data
USER 999:999
CMD ["valkey-server"]
