# syntax=docker/dockerfile:1
# The image: docs/image.md. Builds for amd64 and arm64; the last stage has no shell.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

# JavaScript is the same on every platform: built once, on the one that builds.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS app
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && npm ci --omit=dev --ignore-scripts

FROM ${NODE_IMAGE} AS rootfs
ARG SOURCE_DATE_EPOCH=0
COPY LICENSE /src/
COPY image /src/image
COPY --from=app /src/package.json /app/
COPY --from=app /src/node_modules /app/node_modules
COPY --from=app /src/dist /app/dist
RUN sh /src/image/assemble.sh /rootfs /usr/local/bin/node /app

FROM scratch
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="sallyport" \
  org.opencontainers.image.description="Forward-auth for Kubernetes ingresses: OpenID Connect sign-in, sessions and checks; a drop-in for oauth2-proxy." \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
COPY --from=rootfs /rootfs /
# Why these: docs/image.md.
ENV NODE_OPTIONS=--max-semi-space-size=4 \
  MALLOC_ARENA_MAX=1 \
  MALLOC_TRIM_THRESHOLD_=65536 \
  UV_THREADPOOL_SIZE=16
USER 65532:65532
EXPOSE 4180
ENTRYPOINT ["/usr/bin/sallyport"]
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
  CMD ["/usr/bin/sallyport", "healthcheck"]
