import type { Edit } from './planter.js'

/** A bug as `plants.ts` describes the bugs of safety. */
export interface Bug {
    readonly name: string
    readonly breaks: RegExp
    readonly edits: readonly Edit[]
}

/** Bugs that leave a republic weak for good, though all goes on; bugs of exiles and of moves. */
export const liveness: readonly Bug[] = [{
    name: 'a parliament grows only where twice as many are ready as it has room for',
    breaks: /^L5: .* may sit/,
    edits: [{
        in: 'grow',
        find: '_.length < $room',
        where: ['promotable($situation).slice(0, $room)'],
        to: 'promotable($situation).length < 2 * $room'
    }]
}, {
    name: 'an even parliament gives no seat back',
    breaks: /^L5: .* is even/,
    edits: [{ in: 'contract', find: '_ % 2 === 1', to: 'true' }]
}, {
    name: 'a voter that does not answer keeps its seat',
    // A former holder of the seat waits for its name in vain, or the seat stays empty.
    breaks: /^(?:L1: The republic has not settled|L5: .* keep their seats)/,
    edits: [{
        in: 'exile',
        find: '!_.has($id) || $id === _.majority[0]',
        where: ['!$voters.includes($id)', '$silent.has($id)'],
        to: '!$silent.has($id) || $voters.includes($id)'
    }]
}, {
    name: 'the first member that asks to leave is passed over',
    breaks: /^L5: .* has asked to leave/,
    edits: [{
        in: 'depart',
        find: 'for (const $id of $leaving) { $$body }',
        to: 'for (const $id of $leaving.slice(1)) { $$body }'
    }]
}, {
    name: 'entries of an incarnation follow its exile',
    breaks: /^S2: .* has exiled/,
    edits: [{
        in: 'Writer.propose',
        find: '$isPublished && _.immigrated !== _.exile.promise',
        to: '$isPublished'
    }, {
        in: 'publisherOf',
        find: '$isUnknown || _ ? null : $desk',
        to: '$isUnknown ? null : $desk'
    }]
}, {
    name: 'a member that gets one call at a time gets one batch in the call',
    breaks: /^(?:L7|L1):/,
    edits: [{
        in: 'settingsOf', find: '2 * _.entries', where: ['_($one, $batch * _)'], to: '$batch'
    }]
}, {
    name: 'the barriers of an exiled member wait for its log',
    breaks: /^L2: .* is exiled, and/,
    edits: [{ in: 'MarkWaits.settleAll', find: '_.exiled', to: 'false' }]
}, {
    name: 'members that have moved are called at their former addresses',
    breaks: /^L[1256]:/,
    edits: [{ in: 'Moves.addressOf', find: '$address ?? _ ?? null', to: 'null' }]
}]
