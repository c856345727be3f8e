import { main } from './exploration/command.js'

process.exitCode = await main(process.argv.slice(2))
