import { main } from './command.js'
import { serveDuties } from './duties.js'

if (process.argv[2] === '--duties') {
    serveDuties()
} else {
    process.exitCode = await main(process.argv.slice(2))
}
