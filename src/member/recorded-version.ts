import { isIdentity } from '../base/publish-identity.js'
import { FIRST_VERSION, HIGHEST_VERSION, republicVersion } from '../paxos/membership/versions.js'
import type { Entry, Request, Response } from '../paxos/messages/messages.js'
import { protocolVersion } from './engine-version.js'
import type { Paxos } from '../paxos/paxos.js'
import { birthOf } from './birth.js'
import type { Inputs, Played } from './inputs.js'

// The protocol version of an input. A journal names the highest version of its inputs before the
// first such input, so that an earlier package refuses the journal.

function versionOfRun(entries: readonly Entry[]): number {
    let highest = FIRST_VERSION
    for (const { body } of entries) {
        if ('majority' in body && body.version !== undefined) {
            highest = Math.max(highest, body.version)
        }
    }
    return highest
}

function versionOfRequest(request: Request): number {
    const run = 'entries' in request ? versionOfRun(request.entries) : FIRST_VERSION
    const { welcome = null } = request.method === 'synchronize' ? request : {}
    return Math.max(run, welcome?.government.version ?? FIRST_VERSION)
}

function versionOfResponse(response: Response | null): number {
    return response !== null && 'entries' in response
        ? versionOfRun(response.entries)
        : FIRST_VERSION
}

/** The lowest protocol version that an input needs. */
function versionOfInput({ method, body }: Played): number {
    switch (method) {
        case 'birth':
        case 'revive':
            return protocolVersion(body.version) ?? FIRST_VERSION
        case 'bootstrap':
        case 'upgrade':
            return body.version ?? FIRST_VERSION
        case 'enqueue':
            return body.entries.some(({ cookie }) => isIdentity(cookie)) ? 2 : FIRST_VERSION
        case 'receive':
            return versionOfRequest(body)
        case 'sent':
            return Math.max(...Object.values(body.responses).map(versionOfResponse))
        default:
            return FIRST_VERSION
    }
}

/** The input that announces later inputs of a version. */
function upgradeOf(when: number, version: number): Extract<Played, { method: 'upgrade' }> {
    return Object.freeze({
        module: 'kibitz', method: 'upgrade', when, body: Object.freeze({ version })
    })
}

/** The highest protocol version of a member's recorded inputs. */
export class RecordedVersion {
    #current = FIRST_VERSION
    readonly #paxos: Paxos
    readonly #bornAt: number
    /** Runs when the version has risen. */
    onRise: (version: number) => void = () => {}

    constructor(paxos: Paxos, bornAt: number) {
        this.#paxos = paxos
        this.#bornAt = bornAt
    }

    /** The highest protocol version that a recorded input names. */
    get current(): number {
        return this.#current
    }

    /** Whether inputs of a higher version may follow. */
    get #mayRise(): boolean {
        return this.#current < this.#paxos.highestVersion
    }

    /** Whether an input is a request of a version above the option `highestVersion`. */
    isBeyond(method: keyof Inputs, body: Inputs[keyof Inputs]): boolean {
        return this.#isHeldBack && method === 'receive' &&
            versionOfRequest(body as Request) > this.#paxos.highestVersion
    }

    /**
     * An input without the answers of a version above the option `highestVersion`: such an answer
     * counts as no answer.
     */
    readable<Body extends Inputs[keyof Inputs]>(method: keyof Inputs, body: Body): Body {
        if (!this.#isHeldBack || method !== 'sent') {
            return body
        }
        const { highestVersion } = this.#paxos
        const { cookie, responses } = body as Inputs['sent']
        const answers = Object.entries(responses).map(([id, response]) => {
            return [id, versionOfResponse(response) > highestVersion ? null : response] as const
        })
        return Object.freeze({ cookie, responses: Object.fromEntries(answers) }) as Body
    }

    /** Whether the package understands versions in which the member takes no part. */
    get #isHeldBack(): boolean {
        return this.#paxos.highestVersion < HIGHEST_VERSION
    }

    /** The input to record before an input: the birth, or the version; `null` if there is none. */
    before(played: Played, isBorn: boolean): Played | null {
        const version = this.#mayRise ? versionOfInput(played) : this.#current
        if (!isBorn) {
            return birthOf(this.#paxos, this.#bornAt, version)
        }
        const isNew = version > this.#current && played.method !== 'upgrade'
        return isNew ? upgradeOf(played.when, version) : null
    }

    /**
     * The input by which this member, the leader, raises the version of the republic; `null` if
     * there is nothing to raise.
     */
    upgrade(when: number): Played | null {
        const { government, highestVersion } = this.#paxos
        const version = republicVersion(government) < highestVersion
            ? this.#paxos.versions.raisable
            : null
        return version === null ? null : upgradeOf(when, version)
    }

    /** Takes the version that a recorded input names. */
    note(played: Played): void {
        const { method } = played
        if (method === 'birth' || method === 'revive' || method === 'upgrade') {
            this.#raise(versionOfInput(played))
        }
    }

    /** Takes the version of a restored member. */
    restore(): void {
        this.#raise(this.#paxos.versions.reached)
    }

    #raise(version: number): void {
        if (version > this.#current) {
            this.#current = version
            this.onRise(version)
        }
    }
}
