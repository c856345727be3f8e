import { main } from './mutation/command.js'

process.exitCode = await main(process.argv.slice(2), (line) => console.log(line))
