import { createServer, type Server } from 'node:http'
import { json } from 'node:stream/consumers'
import { Monotonic } from '../../../src/base/monotonic.js'

/** A write that a holder has sent. */
export interface ResourceWrite {
    readonly what: string
    readonly use: string
    readonly token: Monotonic
}

/** A resource, beside the members, that refuses a token below the highest token it has seen. */
export class Resource {
    readonly accepted: ResourceWrite[] = []
    readonly refused: ResourceWrite[] = []
    readonly server: Server
    readonly #highest = new Map<string, Monotonic>()

    constructor() {
        this.server = createServer(async (request, response) => {
            const write = await json(request) as ResourceWrite
            response.writeHead(this.#take(write) ? 200 : 409).end()
        })
    }

    #take(write: ResourceWrite): boolean {
        const { what, token } = write
        const isAccepted = Monotonic.compare(token, this.#highest.get(what) ?? '0/0') >= 0
        if (isAccepted) {
            this.#highest.set(what, token)
        }
        (isAccepted ? this.accepted : this.refused).push(write)
        return isAccepted
    }
}
