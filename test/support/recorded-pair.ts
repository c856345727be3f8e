import { join } from 'node:path'
import { Kibitzer } from '../../src/index.js'
import { FileJournal } from '../../src/journal/file-journal.js'
import { MemoryNetwork } from '../../src/transport/memory.js'

/** Founds a republic of `a` and `b` in memory, each with a journal in a folder under its id. */
export async function foundRecorded(
    republic: string, base: string
): Promise<readonly [a: Kibitzer, b: Kibitzer]> {
    const network = new MemoryNetwork()
    const begin = async (id: string): Promise<Kibitzer> => {
        const kibitzer = new Kibitzer({ id, journal: new FileJournal(join(base, id)) })
        await kibitzer.recover()
        network.attach(kibitzer)
        kibitzer.listen()
        return kibitzer
    }
    const [a, b] = [await begin('a'), await begin('b')]
    a.bootstrap(republic, { memory: 'a' })
    await b.join(republic, { memory: 'a' }, { memory: 'b' })
    return [a, b]
}

/** Destroys a Kibitzer, and resolves after its end. */
export async function end(kibitzer: Kibitzer): Promise<void> {
    const ended = new Promise((resolve) => {
        kibitzer.destruction.wait(resolve)
    })
    kibitzer.destroy()
    await ended
}
