# docker build -t keyturn . && docker run -p 8000:8000 -v keyturn:/data keyturn
#
# The first stage has Node and fetches Deno and the packages of the lock file from npm. The second begins with
# nothing and gets what runs: Deno, the C library that it is linked with, the packages and our files. No shell
# and no package manager; nothing in it belongs to the user that it runs as, but /data and /tmp.
FROM node:22.20.0-bookworm-slim AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
ENV DENO_DIR=/deno-dir
# The wrapper of the npm package is left behind, because a signal must reach the server itself.
RUN npm install --global deno@2.9.6 \
  && cp "$(deno eval 'console.log(Deno.execPath())')" /usr/local/bin/deno-bin
WORKDIR /app
COPY deno.json deno.lock main.ts ./
COPY src ./src
COPY views ./views
COPY static ./static
# Only what the program imports, not the packages of the tests; and of libSQL the build for this C library.
RUN deno-bin cache --frozen --unstable-npm-lazy-caching main.ts \
  && rm /deno-dir/npm/*/@libsql/linux-*-musl/*/index.node
WORKDIR /image
RUN mkdir -p usr/local/bin etc data tmp \
  && cp /usr/local/bin/deno-bin usr/local/bin/deno \
  && { ldd usr/local/bin/deno; find /deno-dir -name '*.node' -path '*-gnu/*' -exec ldd {} +; } \
    | grep -oE '/lib[^ ]+' | sort -u | xargs cp --parents --dereference --target-directory=. \
  && echo 'keyturn:x:10001:10001:keyturn:/data:/nonexistent' > etc/passwd \
  && echo 'keyturn:x:10001:' > etc/group \
  # Without it the C library asks the name server before /etc/hosts.
  && echo 'hosts: files dns' > etc/nsswitch.conf \
  && chown 10001:10001 data && chmod 700 data && chmod 1777 tmp

# Certificates of providers are checked against Mozilla's roots, which are in Deno.
FROM scratch
LABEL org.opencontainers.image.title="Keyturn" \
  org.opencontainers.image.description="Pools API keys for LLM providers and for any REST API" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.source="https://github.com/keyturn/keyturn"
COPY --from=build /image /
COPY --from=build /deno-dir /deno-dir
COPY --from=build /app /app
WORKDIR /app
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1 NO_COLOR=1 HOST=0.0.0.0 PORT=8000 DATA_DIR=/data
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["deno", "eval", "const url = `http://127.0.0.1:${Deno.env.get('PORT')}/health`; Deno.exit((await fetch(url)).ok ? 0 : 1)"]
# No shell and no wrapper in between: SIGTERM from `docker stop` begins the drain.
ENTRYPOINT ["deno", "run", "--cached-only", "--frozen", "--unstable-npm-lazy-caching", "--no-prompt", "--allow-net", "--allow-env", "--allow-read", "--allow-write=/data,/tmp", "--allow-ffi", "--allow-sys", "main.ts"]
