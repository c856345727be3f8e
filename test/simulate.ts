import { main } from './simulation/command.js'

process.exitCode = await main(process.argv.slice(2))
