import { journal } from '../../../src/command/journal/journal.js'
import '../../support/silence.js'

// The process ends with its starter, also if the starter is killed.
process.stdin.on('end', () => process.exit(9))
process.stdin.resume()
process.exit(await journal(process.argv.slice(2)))
