# The build has all tools; the image has Node, the bundle, and the packages with binaries that it loads.
FROM node:20-slim AS build
WORKDIR /odradek
COPY . .
RUN npm run build \
 && npm prune --omit=dev \
 && rm -rf node_modules/@odradek node_modules/.bin

FROM node:20-slim
COPY --from=build /odradek/node_modules /odradek/node_modules
COPY --from=build /odradek/dist /odradek/dist
COPY LICENSE /odradek/LICENSE
RUN mkdir -p /var/lib/odradek && chown node:node /var/lib/odradek && chmod 700 /var/lib/odradek

# Inside a container loopback reaches nobody. Publish the port on 127.0.0.1, as docker-compose.yml does.
ENV NODE_ENV=production \
    ODRADEK_DATA_DIR=/var/lib/odradek \
    ODRADEK_INSECURE=true \
    KAFKA_LISTENERS=PLAINTEXT://0.0.0.0:9092 \
    KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://localhost:9092

USER node
WORKDIR /var/lib/odradek
VOLUME /var/lib/odradek
EXPOSE 9092
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["node", "/odradek/dist/odradek.cjs", "healthcheck"]
ENTRYPOINT ["node", "/odradek/dist/odradek.cjs"]
CMD []
