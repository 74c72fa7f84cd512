import { ANSWER_HEADERS, COMPLETION, STREAM_PREFIX } from "./canned_answers.ts";
import { findProgram, PinnedProcess } from "./pinned_process.ts";

/** nginx from Debian, or `undefined` when it is not installed. */
export const nginx = findProgram("nginx");

/** nginx as a reverse proxy of both upstreams: kept connections, the key put in, nothing buffered of a stream. */
export function nginxProxy(port: number, plainPort: number, streamPort: number): string {
  const proxy = (upstream: string, rest: string) => `
      proxy_pass http://${upstream}${rest};
      proxy_http_version 1.1;
      proxy_set_header connection "";
      proxy_set_header authorization "Bearer sk-canned-0123456789abcdef0123456789abcdef";`;
  return configuration(`
  upstream plain { server 127.0.0.1:${plainPort}; keepalive 1024; keepalive_requests 100000000; }
  upstream streams { server 127.0.0.1:${streamPort}; keepalive 1024; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port} backlog=2048;
    location / {${proxy("plain", "")}
    }
    location ${STREAM_PREFIX}/ {${proxy("streams", "/")}
      proxy_buffering off;
    }
  }`);
}

/** nginx as the canned upstream of plain answers: twice as fast as anything in JavaScript. */
export function nginxUpstream(port: number): string {
  const headers = ANSWER_HEADERS.map(([name, value]) => `      add_header ${name} "${value}";`).join("\n");
  return configuration(`
  server {
    listen 127.0.0.1:${port} backlog=2048;
    location / {
      default_type application/json;
${headers}
      return 200 '${COMPLETION}';
    }
  }`);
}

/** Starts one nginx process (no master) with this configuration; its files live in `folder`. */
export async function startNginx(program: string, config: string, folder: string, core: number) {
  await Deno.mkdir(folder, { recursive: true });
  const path = `${folder}/nginx.conf`;
  await Deno.writeTextFile(path, config.replaceAll("FOLDER", folder));
  return new PinnedProcess(program, ["-e", `${folder}/error.log`, "-c", path], { core });
}

function configuration(http: string): string {
  return `daemon off;
master_process off;
pid FOLDER/nginx.pid;
error_log FOLDER/error.log crit;
events { worker_connections 8192; }
http {
  access_log off;
  tcp_nodelay on;
  keepalive_requests 100000000;
  client_body_temp_path FOLDER/body;
  proxy_temp_path FOLDER/proxy;
  fastcgi_temp_path FOLDER/fastcgi;
  uwsgi_temp_path FOLDER/uwsgi;
  scgi_temp_path FOLDER/scgi;
${http}
}
`;
}
