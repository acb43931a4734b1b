FROM node:20-bookworm-slim
WORKDIR /opt/clickledger
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY . .
# Hive's image has the same numeric user, and both write below the archive.
RUN mkdir -p /var/lib/clickledger && chown 1000:1000 /var/lib/clickledger
USER 1000:1000
ENTRYPOINT ["node", "cli/clickledger.mjs"]
CMD ["--help"]
