# docker build -t keyturn . && docker run -p 8000:8000 -v keyturn:/data keyturn
#
# Two stages, both with the same small Debian: the first fetches Deno and the packages of the lock file with
# nothing but Node, the second runs them.
FROM node:22-bookworm-slim AS build
ENV DENO_DIR=/deno-dir
# The npm package `deno` fetches the runtime for this platform; its wrapper is left behind, because a signal
# must reach the server itself.
RUN npm install --global deno@2.9.6 && cp "$(deno eval 'console.log(Deno.execPath())')" /usr/local/bin/deno-bin
WORKDIR /app
COPY deno.json deno.lock ./
COPY main.ts ./
COPY src ./src
# Only what the program imports, not the packages of the tests.
RUN deno-bin cache --frozen --unstable-npm-lazy-caching main.ts

FROM debian:bookworm-slim
# Certificates of providers are checked against Mozilla's roots, which are in the runtime.
RUN groupadd --gid 10001 keyturn && useradd --uid 10001 --gid 10001 --no-create-home keyturn \
  && mkdir /data && chown keyturn:keyturn /data
COPY --from=build /usr/local/bin/deno-bin /usr/local/bin/deno
COPY --from=build --chown=10001:10001 /deno-dir /deno-dir
COPY --from=build /app /app
WORKDIR /app
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1 HOST=0.0.0.0 PORT=8000 DATA_DIR=/data
USER keyturn
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["deno", "eval", "const url = `http://127.0.0.1:${Deno.env.get('PORT')}/health`; Deno.exit((await fetch(url)).ok ? 0 : 1)"]
# No shell and no wrapper in between: SIGTERM from `docker stop` begins the drain.
ENTRYPOINT ["deno", "run", "--cached-only", "--frozen", "--unstable-npm-lazy-caching", "--no-prompt", "--allow-net", "--allow-env", "--allow-read", "--allow-write", "--allow-ffi", "--allow-sys", "main.ts"]
