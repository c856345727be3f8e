import type { Route, RouteAnswer } from '../transport/http/route.js'
import type { RefusalCode } from './out-of-band-messages.js'
import { probesOf } from './probes.js'
import type { Attachable } from './transport.js'

/** The HTTP status for each refusal. */
const STATUSES: Readonly<Record<RefusalCode, number>> = {
    'other-island': 409,
    'other-colleague': 421,
    stateless: 409,
    'not-ready': 425,
    expired: 410,
    'unknown-name': 404,
    malformed: 400,
    'too-large': 413,
    overloaded: 503,
    failed: 500
}

const COMMANDS = ['join', 'bootstrap', 'exile'] as const

/** The paths of a Colleague besides the path for calls of members. */
export function routesOf(
    colleague: Attachable,
    operable: boolean
): Readonly<Record<string, Route>> {
    const probes = probesOf(() => colleague.readiness())
    const health: Route = {
        ...probes['/health'],
        method: 'GET',
        answer: async () => ({ status: 200, body: await colleague.request('health', null) })
    }
    const outOfBand: Route = {
        isAddressed: true,
        answer: async (body) => {
            const reply = await colleague.answer(body)
            return reply.refusal === undefined
                ? { status: 200, body: reply.result }
                : { status: STATUSES[reply.refusal], body: { refusal: reply.refusal } }
        }
    }
    const commands = (operable ? COMMANDS : []).map((command): [string, Route] => [
        `/${command}`,
        { answer: (body) => runCommand(colleague, command, body) }
    ])
    const shutdown: Route = {
        answer: async () => ({
            status: 200,
            body: null,
            afterwards: () => void colleague.request('shutdown', null)
        })
    }
    return Object.freeze({
        ...probes,
        '/oob': outOfBand,
        '/health': health,
        ...Object.fromEntries(commands),
        ...(operable ? { '/shutdown': shutdown } : {})
    })
}

/** Runs an operator command. The answer to a failed command contains the code and the message. */
async function runCommand(
    colleague: Attachable,
    command: string,
    body: unknown
): Promise<RouteAnswer> {
    try {
        return { status: 200, body: (await colleague.request(command, body)) ?? null }
    } catch (error) {
        const { code, message } = error as { code?: unknown; message?: unknown }
        return { status: code === 'invalid-argument' ? 400 : 409, body: { code, message } }
    }
}
