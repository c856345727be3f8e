import type { Bug } from './liveness.js'

/** Bugs by which a member gets entries of a version in which it takes no part. */
export const versions: readonly Bug[] = [{
    name: 'a leader raises the version alone, and each member follows',
    breaks: /^S14:/,
    edits: [
        { in: 'Minimum.commonVersions', to: 'return arguments[0];' },
        { in: 'RecordedVersion.isBeyond', to: 'return false;' }
    ]
}, {
    name: 'a journal does not name the version before the first input of the version',
    breaks: /^S14:/,
    edits: [{
        in: 'RecordedVersion.before',
        find: '$isNew ? _(_, $version) : null',
        to: 'null'
    }]
}]
