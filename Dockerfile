# One image for every daemon: `docker run IMAGE node --import tsx workers/NAME.ts`, or `node src/cli/order-sync.js …` for
# the command line. Where no registry is reached, name a base of your own: --build-arg BASE_IMAGE=… (Node.js 20.19 or later).
ARG BASE_IMAGE=node:24-bookworm-slim
FROM ${BASE_IMAGE}

WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && npm cache clean --force
COPY src ./src
COPY workers ./workers

# A volume that is mounted there belongs to the user that writes to it.
RUN mkdir /var/lib/order-sync && chown node:node /var/lib/order-sync

ENV NODE_ENV=production HOST=0.0.0.0
USER node
EXPOSE 3000 3001 3002
STOPSIGNAL SIGTERM
# Health is progress: a worker that is connected and finishes nothing is not well.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 \
  CMD ["node", "src/cli/order-sync.js", "health"]
CMD ["node", "--import", "tsx", "workers/ingress.ts"]
