# A stand-in for the image `rabbitmq`: Debian's package.
ARG BASE
FROM ${BASE}
ARG DEBIAN_MIRROR=""
RUN --mount=type=bind,source=docker/image,target=/mnt/image \
    groupadd --gid 999 rabbitmq && useradd --uid 999 --gid 999 --home-dir /var/lib/rabbitmq rabbitmq \
    && sh /mnt/image/packages.sh rabbitmq-server \
    && install --directory --owner rabbitmq --group rabbitmq /var/lib/rabbitmq
# Debian's /usr/sbin/rabbitmq-server insists on being root.
ENV PATH=/usr/lib/rabbitmq/bin:$PATH HOME=/var/lib/rabbitmq
USER 999:999
CMD ["rabbitmq-server"]
