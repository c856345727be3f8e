type Fields = Readonly<Record<string, unknown>>

/** A value in words. */
function words(value: unknown): string {
    return typeof value === 'string' ? value : JSON.stringify(value) ?? String(value)
}

/** Values as a list; `none` if there are no values. */
function list(value: unknown): string {
    const items = Array.isArray(value) ? value.map(words) : []
    return items.length === 0 ? 'none' : items.join(', ')
}

function governmentText({ promise, majority, minority, constituents }: Fields): string {
    const [leader = 'no member'] = Array.isArray(majority) ? majority : []
    const voters = [majority, minority].flatMap((ids) => (Array.isArray(ids) ? ids : []))
    return `government ${words(promise)}: ${words(leader)} leads; voters ${list(voters)}; `
        + `without a vote ${list(constituents)}`
}

function snapshotText({ purpose, code, message }: Fields): string {
    return `the snapshot for the ${words(purpose)} has failed (${words(code)}): ${words(message)}`
}

function handoverText({ attempt, source, failure, obstacle }: Fields): string {
    const reason = failure ?? obstacle ?? 'no reason is known'
    return `the state is missing (attempt ${words(attempt)}, last asked `
        + `${words(source ?? 'no member')}): ${words(reason)}`
}

function supersededText({ id, republic, founding, properties }: Fields): string {
    return `no leader answers; ${words(id)}, a member of another founding of the republic `
        + `${words(republic)} (${words(founding)}), answers at ${words(properties)}. If the old `
        + 'republic is gone, destroy this member and join anew'
}

function clockText({ isSound }: Fields): string {
    return isSound === true
        ? 'the clock tells the time again'
        : 'the option Date returns no time; this member continues with the last one'
}

function cutText({ folder, segment, bytes }: Fields): string {
    return `the journal ${words(folder)} ended in an unfinished write: ${words(bytes)} bytes of `
        + `${words(segment)}, of which no caller was told, were cut`
}

function waitText({ call, count, waitedMs, reason }: Fields): string {
    const name = words(call)
    const calls = count === 1 ? `a ${name} has` : `${words(count)} calls of ${name} have`
    const longest = count === 1 ? '' : ', the oldest'
    const seconds = (Number(waitedMs) / 1000).toFixed(1)
    return `${calls} waited${longest} for ${seconds} s: ${words(reason)}`
}

function outdatedText({ newcomer, versions, republicVersion }: Fields): string {
    const name = words(newcomer)
    const [lowest, highest] = Array.isArray(versions) ? versions.map(words) : []
    return `${name} was not admitted: the republic has protocol version ${words(republicVersion)}, `
        + `and ${name} takes part in versions ${lowest} to ${highest}. Install the package of the `
        + `other members at ${name}, or raise the option highestVersion there`
}

/** The text of each label. */
const TEXTS: Readonly<Record<string, (fields: Fields) => string>> = {
    admission: ({ asked, obstacle }) =>
        `this member is not admitted yet (${words(asked)} questions so far): ${words(obstacle)}`,
    certificate: ({ text }) => words(text),
    clock: clockText,
    cut: cutText,
    endTimeout: ({ limitMs }) =>
        `a call of the application or of the transport has not ended within ${words(limitMs)} ms`,
    failure: ({ code, message }) => `this member has stopped (${words(code)}): ${words(message)}`,
    government: governmentText,
    handover: handoverText,
    journal: ({ code, cause }) =>
        `this member has stopped, because its journal has failed (${words(code)}): ${words(cause)}`,
    missedEntries: ({ applied, committed }) => 'the application is too slow: it has applied the '
        + `log through ${words(applied)} of ${words(committed)}, and the entries behind are gone. `
        + 'The application takes over the state of another member',
    mistake: ({ message }) => words(message),
    naturalization: ({ message }) =>
        `the journal has not stored the received state, and tries again: ${words(message)}`,
    outdated: outdatedText,
    outOfBand: ({ name, message }) =>
        `the application has failed to answer the question ${words(name)}: ${words(message)}`,
    periodicSnapshot: ({ message }) =>
        `the journal could not be shortened by a snapshot: ${words(message)}`,
    refused: ({ peer, status, count }) =>
        `${words(peer)}, or a proxy on the way, has refused a call with ${words(status)} `
        + `(${words(count)} times so far)`,
    rejected: ({ code, at }) => `a message was rejected (${words(code)}) at ${words(at)}`,
    server: ({ message }) => `a connection could not be accepted: ${words(message)}`,
    setAside: ({ folder, target }) =>
        `the journal ${words(folder)} of an exiled member was renamed to ${words(target)}`,
    snapshot: snapshotText,
    stall: ({ during, ms }) => `a ${words(during)} has stopped the process for ${words(ms)} ms`,
    superseded: supersededText,
    unclosed: ({ folder, reason }) =>
        `the journal ${words(folder)} was not closed properly: ${words(reason)}`,
    wait: waitText
}

/** The readable text of a log line. A label without a text of its own shows its fields. */
export function textOf(label: string, fields: Fields): string {
    const text = TEXTS[label]
    if (text !== undefined) {
        return text(fields)
    }
    const pairs = Object.entries(fields).map(([name, value]) => `${name}=${words(value)}`)
    return [label, ...pairs].join(' ')
}
