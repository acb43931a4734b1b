# The dashboard is built from packages that nothing else needs when it runs.
FROM node:24-bookworm-slim AS dashboard
WORKDIR /opt/clickledger
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY . .
RUN node --input-type=module -e "const { ensureDashboard } = await import('./infra/setup/dashboard.mjs'); if (!(await ensureDashboard())) process.exit(1)"

FROM node:24-bookworm-slim
WORKDIR /opt/clickledger
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY . .
RUN npm run --silent patches
COPY --from=dashboard /opt/clickledger/dist dist
# The program is built when it is first called, as a user who may write here.
RUN node cli/clickledger.mjs --help > /dev/null
# Hive's image has the same numeric user, and both write below the archive.
RUN mkdir -p /var/lib/clickledger && chown 1000:1000 /var/lib/clickledger
USER 1000:1000
ENTRYPOINT ["node", "cli/clickledger.mjs"]
CMD ["--help"]
