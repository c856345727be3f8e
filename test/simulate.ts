import { main } from './simulation/command.js'

process.exitCode = main(process.argv.slice(2))
