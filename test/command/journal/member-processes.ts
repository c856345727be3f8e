import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { withoutCoverage } from '../../support/environment.js'
import { freePort } from '../../support/free-port.js'
import type { MemberArguments } from './member.js'
import { endWithTests } from '../../support/children.js'

const MEMBER = fileURLToPath(new URL('./member.js', import.meta.url))

/** What a member answers. */
export interface MemberAnswer {
    readonly values: readonly unknown[]
    readonly islandId: unknown
    readonly tolerance: string
    readonly error?: string
    readonly superseded?: { readonly republic: unknown } | null
}

/** Sends a message to a member, and waits for its answer. */
export async function ask(child: ChildProcess, message: object): Promise<MemberAnswer> {
    child.send(message)
    const [answer] = await once(child, 'message')
    return answer as MemberAnswer
}

/** Kills a member, if the member has not ended. */
export async function kill(child: ChildProcess): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
    }
}

/** Members in processes of their own, each with a journal in a folder of its own. */
export class MemberProcesses {
    readonly #folder = mkdtempSync(join(tmpdir(), 'kibitz-members-'))
    readonly #children = new Map<string, ChildProcess>()
    /** The port of each member, from its first start on. */
    readonly ports = new Map<string, number>()

    /** The folder of the journal of a member. */
    folderOf(id: string): string {
        return join(this.#folder, id)
    }

    /** The running process of a member. */
    child(id: string): ChildProcess {
        return this.#children.get(id) ?? assert.fail(id)
    }

    /** Starts a member; resolves after the member is in its republic. */
    async start(id: string, founders: readonly string[] | null): Promise<void> {
        const child = await this.run(id, founders)
        const ended = once(child, 'exit').then(() => 'ended')
        assert.notEqual(await Promise.race([once(child, 'message'), ended]), 'ended', id)
    }

    /** Starts a member that must end by itself. Returns the text of its end. */
    async refusal(id: string): Promise<string> {
        const child = await this.run(id, null, this.folderOf(id), 'pipe')
        assert.ok(child.stderr)
        const started = once(child, 'message').then(() => 'started')
        return await Promise.race([text(child.stderr), started])
    }

    /** Starts the process of a member. */
    async run(
        id: string, founders: readonly string[] | null, folder: string = this.folderOf(id),
        stderr: 'inherit' | 'pipe' = 'inherit'
    ): Promise<ChildProcess> {
        const port = this.ports.get(id) ?? await freePort()
        this.ports.set(id, port)
        const through = [...this.ports.values()].map((each) => `127.0.0.1:${each}`)
        const given: MemberArguments = { id, folder, port, through, founders }
        const child = fork(MEMBER, [JSON.stringify(given)], {
            env: withoutCoverage(), stdio: ['ignore', 'inherit', stderr, 'ipc']
        })
        this.#children.set(id, endWithTests(child))
        return child
    }

    /** Kills all members, and removes their folders. */
    end(): void {
        for (const child of this.#children.values()) {
            child.kill('SIGKILL')
        }
        rmSync(this.#folder, { recursive: true })
    }
}
