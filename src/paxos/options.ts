import {
    count, milliseconds,
    readOptions,
    type OptionKind, type OptionTable
} from '../base/option-table.js'
import type { RunLimit } from './log/entry-store.js'
import type { FeedLimit } from './replication/rations.js'

/** How an engine behaves. Every member of a republic should be given the same. */
export interface PaxosOptions {
    /** How often a quiet member is pinged, in milliseconds. @default 250 */
    readonly ping?: number
    /** How long silence lasts before it has consequences, in milliseconds. @default 1000 */
    readonly timeout?: number
    /**
     * How long a member may be asked in vain, in milliseconds, before it is exiled; no less than
     * `timeout`. Until then it keeps its seat, and others write in its stead. @default `timeout`
     */
    readonly patience?: number
    /** How many seats the parliament grows to; an even number's last is not given. @default 5 */
    readonly parliamentSize?: number
    /** How many seats the parliament never shrinks below; dead ones stay vacant. @default 1 */
    readonly parliamentFloor?: number
    /** How many runs may be under way to one voter. @default 8 */
    readonly window?: number
    /** How many entries a run carries at most. @default 512 */
    readonly batch?: number
    /** How many proposals may wait at a leader; a batch beyond it is refused. @default 8192 */
    readonly proposals?: number
    /**
     * How many committed entries, and of no more than about 64 MiB, a member keeps for those behind
     * it. Who falls further behind is exiled in the end, and joins anew. A member keeps at least as
     * many entries as may be under way, whatever the option says: `batch` times `window`, and no
     * more than 1024. @default 100000
     */
    readonly history?: number
    /** How many citizens a republic has at most; who comes then is refused. @default 1024 */
    readonly citizens?: number
}

/** What each option of an engine may be. */
export const PAXOS_OPTIONS: OptionTable<PaxosOptions> = {
    ping: milliseconds,
    timeout: milliseconds,
    patience: milliseconds,
    // The guards of the wire refuse more: a run of 2,048 entries, a census of 1,024 citizens.
    parliamentSize: count(1024),
    parliamentFloor: count(1024),
    window: count(65_536),
    batch: count(2048),
    proposals: count(65_536),
    history: count(1_000_000_000),
    citizens: count(1024)
}

/** Whether an option of an engine has this name, and may have this value. */
export function isPaxosOption(name: string, value: unknown): boolean {
    const kinds: Readonly<Record<string, OptionKind>> = PAXOS_OPTIONS
    return Object.hasOwn(kinds, name) && kinds[name]?.fits(value) === true
}

/**
 * Checks the options of an engine that stands alone.
 *
 * @throws KibitzError `invalid-argument` that names the option.
 */
export function checkPaxosOptions(options: PaxosOptions | null | undefined): PaxosOptions {
    return readOptions('a Paxos', options, PAXOS_OPTIONS)
}

/** The options with every default in place, and what follows from them. */
export interface PaxosSettings extends Required<PaxosOptions> {
    /** What a leader has written and not yet committed. */
    readonly writing: RunLimit
    readonly feeding: FeedLimit
    /** What a member keeps of its committed log. */
    readonly keeping: RunLimit
    /** What is left of it where that was more: an eighth less, so as not to forget one by one. */
    readonly kept: RunLimit
    /**
     * What a member keeps behind its commit mark, whatever `keeping` says: a voter that holds all
     * that is committed may know of no later commit mark.
     */
    readonly underWay: RunLimit
}

const KIB = 1024
const DEFAULTS = {
    ping: 250,
    timeout: 1000,
    parliamentSize: 5,
    parliamentFloor: 1,
    window: 8,
    batch: 512,
    // A government renumbers what waits, and must itself fit a message.
    proposals: 8192,
    history: 100_000,
    citizens: 1024
}

/** The weight of a suffix, small enough that a promise carries it within 1 MiB. */
const SUFFIX_WEIGHT = 256 * KIB

/** The weight of what is kept of the committed log. */
const HISTORY_WEIGHT = 64 * 1024 * KIB

/** The entries that an election may add to a full suffix: a government of its own, and one more. */
const SUFFIX_SPARE = 2

/**
 * How much of the log a member keeps. If a leader writes `writing` ahead of its commit mark, the
 * mark of a voter that holds all entries may lie as far behind. So that much is always kept.
 */
function keepingOf(history: number, writing: RunLimit): Pick<PaxosSettings,
    'keeping' | 'kept' | 'underWay'
> {
    const underWay = { entries: writing.entries + SUFFIX_SPARE, weight: writing.weight }
    const entries = Math.max(history, Math.ceil(underWay.entries * 8 / 7))
    return {
        keeping: { entries, weight: HISTORY_WEIGHT },
        kept: { entries: Math.floor(entries * 7 / 8), weight: HISTORY_WEIGHT * 7 / 8 },
        underWay
    }
}

/** Fills in the defaults. */
export function settingsOf(options: PaxosOptions): PaxosSettings {
    const given = Object.entries(options).filter(([, value]) => value !== undefined)
    const named = { ...DEFAULTS, ...(Object.fromEntries(given) as PaxosOptions) }
    const settings = { ...named, patience: named.patience ?? named.timeout }
    const { batch, window } = settings
    const writing = { entries: Math.min(1024, batch * window), weight: SUFFIX_WEIGHT }
    return Object.freeze({
        ...settings,
        writing,
        ...keepingOf(settings.history, writing),
        feeding: {
            window,
            run: { entries: batch, weight: SUFFIX_WEIGHT },
            suffix: { entries: 2 * 1024, weight: 768 * KIB }
        }
    })
}
