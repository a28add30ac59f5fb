/** nginx as the measure of a file server: one worker, TLS 1.3 with our ciphers in our order, client certificates required. */
import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import type { SideFiles } from './firmware-stage'

export interface Nginx {
  readonly url: string
  readonly pid: number
  end(): Promise<void>
}

const PORT = 18_443
const START_MS = 10_000

const answers = (): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(PORT, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })

/** Serves the folder of `image`. Rejects when nginx is not installed or does not start. */
export const startNginx = async (
  folder: string,
  o: { readonly image: string; readonly server: SideFiles; readonly root: string },
): Promise<Nginx> => {
  const home = join(folder, 'nginx')
  mkdirSync(home, { recursive: true })
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const config = `daemon off;
worker_processes 1;
${process.getuid?.() === 0 ? 'user root;' : ''}
error_log stderr error;
pid ${home}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  ${temporary.map((name) => `${name}_temp_path ${home}/${name};`).join(' ')}
  server {
    listen 127.0.0.1:${PORT} ssl;
    ssl_certificate ${o.server.cert};
    ssl_certificate_key ${o.server.key};
    ssl_protocols TLSv1.3;
    ssl_conf_command Ciphersuites TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256;
    ssl_prefer_server_ciphers on;
    ssl_session_tickets off;
    ssl_client_certificate ${o.root};
    ssl_verify_client on;
    ssl_verify_depth 4;
    location / { root ${dirname(o.image)}; }
  }
}
`
  const path = join(home, 'nginx.conf')
  writeFileSync(path, config)
  const child = spawn('nginx', ['-p', home, '-e', 'stderr', '-c', path], {
    stdio: ['ignore', 'ignore', 'inherit'],
    // Debian keeps it where only root looks.
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
  })
  let over: string | undefined
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      over = error.message
      resolve()
    })
    child.once('exit', (code) => {
      over ??= `code ${code}`
      resolve()
    })
  })
  const untilMs = performance.now() + START_MS
  while (!(await answers())) {
    if (over || performance.now() > untilMs) throw new Error(`nginx does not start: ${over ?? 'no answer'}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return {
    url: `https://127.0.0.1:${PORT}/${o.image.split('/').at(-1)}`,
    pid: child.pid ?? 0,
    end: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}
