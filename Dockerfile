# SPDX-License-Identifier: Apache-2.0
#
# The decant image. Both stages install and build through stack/setup, as ./demo and ./check do;
# ./check runs the same steps in a clean copy of the tree.
ARG DEBIAN_IMAGE=debian:12.12-slim

FROM ${DEBIAN_IMAGE} AS build
WORKDIR /src
COPY stack/lib.sh stack/setup stack/packages.txt stack/
RUN stack/setup packages build
COPY package.json package-lock.json ./
RUN stack/setup page
COPY . .
RUN stack/setup build && strip --strip-debug build/release/decant

FROM ${DEBIAN_IMAGE}
LABEL org.opencontainers.image.title="decant" \
      org.opencontainers.image.description="Keeps the aggregates of a Flink SQL file as Apache Pinot upserts" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /opt/decant
COPY stack/lib.sh stack/setup stack/packages.txt stack/healthy stack/
RUN stack/setup packages image && rm -rf build /var/lib/apt/lists/*
COPY --from=build /src/build/release/decant /usr/local/bin/decant
COPY pipelines pipelines
COPY dashboard/boards dashboard/boards
USER 65532:65532
EXPOSE 8080 9464
# What a container of this image shows depends on its verb; compose says it for each.
HEALTHCHECK CMD ["decant", "version"]
ENTRYPOINT ["decant"]
CMD ["help"]
