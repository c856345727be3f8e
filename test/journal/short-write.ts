import { FileSystem } from '../../src/journal/filesystem.js'
import { SegmentWriter } from '../../src/journal/segment-writer.js'

// Writes batches to the file of the argument until the system takes no more bytes. Prints the
// number of stable bytes and the code of the error. The first batch is small and prepares space.
const file = await new FileSystem().create(process.argv[2] ?? '', 'records')
const writer = new SegmentWriter(file, 0, 1024 * 1024, true)
let stable = 0
try {
    for (;;) {
        const batch = Buffer.alloc(stable === 0 ? 300 : 3000, 'a')
        await writer.write(batch, stable)
        stable += batch.length
    }
} catch (error) {
    console.log(JSON.stringify({ stable, code: (error as NodeJS.ErrnoException).code }))
}
await writer.close()
