import { main } from './bench/command.js'
import { serveDuties } from './bench/duties.js'

if (process.argv[2] === '--duties') {
    serveDuties()
} else {
    process.exitCode = await main(process.argv.slice(2))
}
