import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { dice } from '../journal/dice.js'
import { persecute } from '../power/campaign.js'
import { Outage } from '../power/outage.js'
import { Republic } from '../power/republic.js'
import { compile, whyNot } from '../power/shim.js'

const HELP = `node build/test/kill/run.js [--cycles N] [--seed N] [--power]

Three processes with journals, under load, are killed by SIGKILL again and again, one, two or all
at once, at any moment; with --power, what they had not synchronized is lost, too. Each time all
that was acknowledged has to be there once, in one log, with everybody who they were.
`

const { values } = parseArgs({
    options: {
        cycles: { type: 'string', default: '2000' },
        seed: { type: 'string', default: '1' },
        power: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false }
    }
})

async function run(folder: string): Promise<void> {
    const begin = performance.now()
    const random = dice(Number(values.seed))
    const outage = values.power ? new Outage(folder, compile(folder)) : null
    await using republic = await Republic.found(outage?.manner ?? { folder })
    const tell = (cycle: number, census: object): string => {
        const seconds = Math.round((performance.now() - begin) / 1000)
        const all = { ...census, ...outage?.census }
        return `${cycle} cycles, ${seconds} s: ${JSON.stringify(all)}\n`
    }
    const cycles = Number(values.cycles)
    const census = await persecute(republic, {
        cycles,
        random,
        blackout: (seat) => outage?.strike(seat, random),
        progress: (cycle, all) => {
            if (cycle % 25 === 0) {
                process.stderr.write(tell(cycle, all))
            }
        }
    })
    process.stdout.write(tell(cycles, census))
    process.stdout.write(`${JSON.stringify(republic.ledger.counts)}\n`)
}

const reason = values.power ? whyNot() : null
if (values.help || reason !== null) {
    process.stdout.write(reason === null ? HELP : `${reason}\n`)
    process.exitCode = reason === null ? 0 : 1
} else {
    const folder = mkdtempSync(join(tmpdir(), 'kibitz-kill-'))
    try {
        await run(folder)
    } finally {
        rmSync(folder, { recursive: true })
    }
}
