FROM node:24-bookworm-slim
WORKDIR /opt/clickledger
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY . .
RUN npm run --silent patches
# The program is built when it is first called, as a user who may write here.
RUN node cli/clickledger.mjs --help > /dev/null
# Hive's image has the same numeric user, and both write below the archive.
RUN mkdir -p /var/lib/clickledger && chown 1000:1000 /var/lib/clickledger
USER 1000:1000
ENTRYPOINT ["node", "cli/clickledger.mjs"]
CMD ["--help"]
