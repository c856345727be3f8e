import {
    count, milliseconds,
    readOptions,
    type OptionKind, type OptionTable
} from '../base/option-table.js'
import type { RunLimit } from './log/entry-store.js'
import { FIRST_VERSION, HIGHEST_VERSION } from './membership/versions.js'
import type { FeedLimit } from './replication/rations.js'

/** The options of an engine. All members of a republic should have equal options. */
export interface PaxosOptions {
    /** The time without a request after which a member is pinged, in milliseconds. @default 250 */
    readonly ping?: number
    /** How long a silence lasts before it has consequences, in milliseconds. @default 1000 */
    readonly timeout?: number
    /**
     * How long a member may leave requests unanswered before its exile, in milliseconds; at least
     * `timeout`. Until the exile the silent member keeps its seat, and a voter of the minority
     * takes its place in the writing. @default `timeout`; with a journal a week
     */
    readonly patience?: number
    /**
     * The number of seats that the parliament grows to. The last seat of an even number stays
     * unused. @default 5
     */
    readonly parliamentSize?: number
    /**
     * The number of seats that the parliament never shrinks below. Seats of dead members stay
     * vacant. @default 1; with a journal 3
     */
    readonly parliamentFloor?: number
    /**
     * The number of runs to one voter that may wait for an answer. Runs that an answered later call
     * has overtaken do not count, up to as many again. @default 8
     */
    readonly window?: number
    /**
     * The number of entries that one run carries at most. Committed entries for a member that is
     * behind come in larger calls: twice `batch` times `window`, and 2048 at most. @default 512
     */
    readonly batch?: number
    /**
     * The number of proposals that may wait at a leader. The leader refuses any further proposal.
     * @default 8192
     */
    readonly proposals?: number
    /**
     * The number of committed entries, of about 64 MiB at most, that a member keeps for members
     * that are behind. A member that falls further behind is exiled in the end, and joins anew.
     * Whatever the option says, a member keeps as many entries as may be under way: `batch` times
     * `window`, and 1024 at most. @default 100000
     */
    readonly history?: number
    /** The number of citizens in a republic. A full republic refuses newcomers. @default 1024 */
    readonly citizens?: number
    /**
     * The highest protocol version that the member takes part in, by the number of the version. The
     * republic has the highest version that all members permit. Until the republic has a higher
     * version, each member may return to an earlier package.
     * @default 2, the highest version of this package
     */
    readonly highestVersion?: number
}

/** The permitted values of each option. */
export const PAXOS_OPTIONS: OptionTable<PaxosOptions> = {
    ping: milliseconds,
    timeout: milliseconds,
    patience: milliseconds,
    // The message checks permit no more: 2,048 entries in a run, 1,024 citizens in a census.
    parliamentSize: count(1024),
    parliamentFloor: count(1024),
    window: count(65_536),
    batch: count(2048),
    proposals: count(65_536),
    history: count(1_000_000_000),
    citizens: count(1024),
    highestVersion: count(HIGHEST_VERSION)
}

/** Whether an option of an engine has this name, and may have this value. */
export function isPaxosOption(name: string, value: unknown): boolean {
    const kinds: Readonly<Record<string, OptionKind>> = PAXOS_OPTIONS
    return Object.hasOwn(kinds, name) && kinds[name]?.fits(value) === true
}

/**
 * Checks the options of a stand-alone engine.
 *
 * @throws KibitzError `invalid-argument` that names the option.
 */
export function checkPaxosOptions(options: PaxosOptions | null | undefined): PaxosOptions {
    return readOptions('a Paxos', options, PAXOS_OPTIONS)
}

/** The options with all defaults, and the limits that follow from the options. */
export interface PaxosSettings extends Required<PaxosOptions> {
    /** The limit of the suffix: entries that a leader has written and not yet committed. */
    readonly writing: RunLimit
    readonly feeding: FeedLimit
    /** The limit of the committed log. */
    readonly keeping: RunLimit
    /**
     * The limit to which an overfull committed log is cut: seven eighths of `keeping`, so that a
     * member drops many entries at once instead of one at a time.
     */
    readonly kept: RunLimit
    /**
     * The entries that a member keeps behind its commit mark, whatever `keeping` says: a voter with
     * all committed entries may know only an older commit mark.
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
    // A government renumbers all waiting proposals, and must itself fit into a message.
    proposals: 8192,
    history: 100_000,
    citizens: 1024,
    // Recorded options without a version come from a package of the first version. The Kibitzer
    // has its own default.
    highestVersion: FIRST_VERSION
}

/** The limit of a suffix in bytes. A promise must carry the whole suffix within 1 MiB. */
const SUFFIX_WEIGHT = 256 * KIB

/** The largest run of entries that a message may carry. */
const LARGEST_RUN: RunLimit = { entries: 2 * 1024, weight: 768 * KIB }

/** The limit of the committed log in bytes. */
const HISTORY_WEIGHT = 64 * 1024 * KIB

/**
 * The number of entries that an election may add to a full suffix: the winner's own government, and
 * one more.
 */
const SUFFIX_SPARE = 2

/**
 * The limits of the committed log. A leader writes up to `writing` ahead of its commit mark, so the
 * known commit mark of a voter with all entries may be as far behind. The log always keeps these
 * entries.
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
            catchUp: { entries: 2 * writing.entries, weight: LARGEST_RUN.weight },
            suffix: LARGEST_RUN
        }
    })
}
