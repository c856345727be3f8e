import { openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { Player } from '../../src/member/player.js'
import type { Played } from '../../src/index.js'
import type { WitnessedInput } from './recorded-run.js'
import { digest, textOf } from './witness.js'

// Loaded before the program of a process (`--import`): writes the state of each member of the
// process after each recorded input into a file in the folder `KIBITZ_WITNESS`.

/** An applied input whose state is not written yet. */
interface Unwritten {
    readonly player: Player
    readonly played: Played
}

class ProcessWitness {
    readonly #file: number
    readonly #players = new Map<Player, number>()
    #unwritten: Unwritten | null = null

    constructor(folder: string) {
        this.#file = openSync(join(folder, `${Date.now()}-${process.pid}.jsonl`), 'a')
    }

    /** Notes an input before its application; an input around this one is applied by now. */
    begin(player: Player, played: Played): Unwritten {
        this.#write()
        this.#unwritten = { player, played }
        return this.#unwritten
    }

    /** Notes the state after an input, unless an input inside of this one has noted the state. */
    end(unwritten: Unwritten): void {
        if (this.#unwritten === unwritten) {
            this.#write()
        }
    }

    #write(): void {
        if (this.#unwritten === null) {
            return
        }
        const { player, played: { method, when } } = this.#unwritten
        const { paxos, islander } = player
        const life = this.#players.get(player) ?? this.#players.size
        this.#players.set(player, life)
        const state = digest(textOf({ paxos: paxos.state(), islander: islander.state() }))
        const line: WitnessedInput = { id: paxos.id, life, method, when, state }
        // Synchronous: nothing is lost if the process is killed.
        writeSync(this.#file, `${JSON.stringify(line)}\n`)
        this.#unwritten = null
    }
}

const { KIBITZ_WITNESS: folder = '' } = process.env
if (folder !== '') {
    const witness = new ProcessWitness(folder)
    const replay = Player.prototype.replay
    Player.prototype.replay = function (this: Player, played: Played, records = false) {
        if (!records || this.rejectPlay() !== null) {
            return replay.call(this, played, records)
        }
        const unwritten = witness.begin(this, played)
        const outcome = replay.call(this, played, records)
        witness.end(unwritten)
        return outcome
    }
}
