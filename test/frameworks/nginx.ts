import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createHttpServer } from 'node:http'
import { handler } from '../../src/transport/http/http.js'
import { type Mount, type Mounted, serve } from './mounts.js'

/** Why nothing can be tried behind nginx here; `null` if it can. */
export function whyNoNginx(): string | null {
    const { error } = spawnSync('nginx', ['-v'])
    return error === undefined
        ? null
        : 'NOTHING WAS TRIED BEHIND NGINX: there is no nginx here (apt-get install nginx).'
}

function configOf(folder: string, upstream: string, directives: string): string {
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
        .map((name) => `${name}_temp_path ${folder}/${name};`)
    return `
        daemon off; master_process off; pid ${folder}/pid; error_log stderr notice;
        events {}
        http {
            access_log off; ${temporary.join(' ')} ${directives}
            server {
                listen unix:${folder}/socket;
                location / { proxy_pass ${upstream}; }
            }
        }`
}

/** Resolves when nginx listens: it says so after it has opened its sockets. */
function opened(nginx: ChildProcess): Promise<void> {
    return new Promise((resolve, reject) => {
        let said = ''
        nginx.stderr?.on('data', (chunk: Buffer) => {
            said += chunk.toString()
            if (/OS: /.test(said)) {
                resolve()
            }
        })
        nginx.on('exit', () => reject(new Error(said)))
    })
}

/** Puts a member behind an nginx of its own. */
export function behindNginx(directives: string): Mount {
    return async (kibitzer): Promise<Mounted> => {
        const inner = await serve(createHttpServer(handler(kibitzer)), '')
        const folder = mkdtempSync(join(tmpdir(), 'kibitz-nginx-'))
        writeFileSync(join(folder, 'conf'), configOf(folder, inner.url, directives))
        const args = ['-p', folder, '-e', 'stderr', '-c', join(folder, 'conf')]
        const nginx = spawn('nginx', args, { stdio: ['ignore', 'ignore', 'pipe'] })
        await opened(nginx)
        // nginx takes no free port, so a port of this process leads to a socket of nginx.
        const door = createServer({ allowHalfOpen: true }, (socket) => {
            const onward = connect({ path: join(folder, 'socket'), allowHalfOpen: true })
            socket.on('error', () => onward.destroy()).pipe(onward)
            onward.on('error', () => socket.destroy()).pipe(socket)
        })
        await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
        const { port } = door.address() as AddressInfo
        return {
            url: `http://127.0.0.1:${port}/kibitz`,
            close: () => {
                nginx.on('exit', () => rmSync(folder, { recursive: true }))
                nginx.kill('SIGTERM')
                door.close()
                inner.close()
            }
        }
    }
}
