# Another base, such as a mirror's: docker build --build-arg NODE_IMAGE=…
ARG NODE_IMAGE=node:24.21.0-bookworm-slim

# Everything is built here: the program, and the dashboard, whose packages nothing else needs.
FROM ${NODE_IMAGE} AS build
WORKDIR /opt/clickledger
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN node --input-type=module -e "const { ensureDashboard } = await import('./infra/setup/dashboard.mjs'); if (!(await ensureDashboard())) process.exit(1)"
# Patches belong to packages that run, and a package that is installed anew has lost its patch.
RUN npm ci --omit=dev --no-audit --no-fund && npm run --silent patches
RUN node cli/clickledger.mjs --help > /dev/null

FROM ${NODE_IMAGE}
WORKDIR /opt/clickledger
COPY --from=build /opt/clickledger ./
# Hive's image has the same numeric user, and both write below the archive.
RUN mkdir -p /var/lib/clickledger && chown 1000:1000 /var/lib/clickledger && chmod 700 /var/lib/clickledger
ENV NODE_ENV=production DATA_DIR=/var/lib/clickledger METRICS_LISTEN=0.0.0.0:9464
USER 1000:1000
# Nothing is written but below DATA_DIR and /tmp: the root file system may be read-only.
VOLUME /var/lib/clickledger
HEALTHCHECK --interval=5s --timeout=5s --start-period=60s --retries=12 CMD ["node", "infra/docker/health.mjs"]
ENTRYPOINT ["node", "cli/clickledger.mjs"]
CMD ["--help"]
