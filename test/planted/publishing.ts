import type { Bug } from './liveness.js'
import type { Edit } from './planter.js'

/** A leader takes a batch twice: from the log, and from the batches that wait or are written. */
export const takesTwice: readonly Edit[] = [{
    in: 'placeByOrder', find: "_ < 0 ? 'next' : 'refused'", to: "'next'"
}, {
    in: 'cookiePlace', find: "$isLater ? _ : 'known'", to: "'next'"
}]

/** Publishes of later lives are sent like those of the oldest life. */
const sendsEveryLife: readonly Edit[] = [{
    in: 'UnsettledPublishes.batch', find: '$count - $sent', to: 'this.size - $sent'
}, {
    in: 'UnsettledPublishes.batch',
    find: 'new Series(_)',
    where: ['_ + $sent'],
    to: '[this.#lives.flatMap(({ cookie, count }) => Array.from({ length: count }, (_, at) => ' +
        'Monotonic.add(cookie, at))).slice($sent)].map((all) => ({ next: () => all.shift() }))[0]'
}]

/** Bugs of publishers, and of what a leader takes from a publisher. */
export const publishing: readonly Bug[] = [{
    // Two safeguards: what is in the log, and what waits or is written already.
    name: 'a leader writes a repeated batch twice',
    breaks: /^S4:/,
    edits: takesTwice
}, {
    name: 'a leader takes a batch behind a gap',
    breaks: /^S[245]:/,
    edits: [{ in: 'cookiePlace', find: "$follows ? 'next' : 'gap'", to: "'next'" }]
}, {
    name: 'a newcomer does not learn the cookies of the log',
    breaks: /^S4:/,
    edits: [{
        in: 'Citizenship.snapshot',
        find: '{ ...$record }',
        to: "{ ...$record, published: '0' }"
    }]
}, {
    // Both of the safeguards against a batch that comes twice end with the time.
    name: 'a leader forgets a publisher after a timeout of its own clock',
    breaks: /^S4:/,
    edits: [{
        in: 'publisherOf',
        find: '$writer.lastCookie($immigrated, _)',
        where: ['$isExiling($engine.log, _)'],
        to: "(() => { const takenAt = $writer['takenAt'] ??= new Map(); " +
            'const age = $engine.now - takenAt.get($immigrated); ' +
            'takenAt.set($immigrated, $engine.now); ' +
            'return age > $engine.settings.timeout ? null : $found; })()'
    }, {
        in: 'cookiePlace', to: "if (last === null) { return 'next'; } $found"
    }]
}, {
    name: 'a publisher resubmits values at once under fresh identities',
    breaks: /^S[45]:/,
    edits: [{
        in: 'PublishWindow.fail',
        find: '_.send();',
        to: 'const { values } = this.#publishes; const cookie = this.#publishes.beginLife(); ' +
            'this.#publishes = new UnsettledPublishes(); ' +
            'this.#publishes.recall([{ cookie, count: values.length }], values); ' +
            'this.#flights.dropFrom(0); this.send();'
    }]
}, {
    name: 'a publish is settled as soon as a leader takes it',
    breaks: /^S4:/,
    edits: [{
        in: 'PublishWindow.sent',
        find: "_.onAnswer(_, 'taken');",
        where: ['$receipts !== null'],
        to: 'const promise = Object.values($receipts)[0]; $found ' +
            "promise && this.onOwnEntry(this.#publishes.oldest.cookie, promise, '');"
    }]
}, {
    name: 'a new life begins before the publishes of the earlier life have settled',
    breaks: /^(?:S[45]|L1):/,
    edits: sendsEveryLife
}]
