import { main } from './command.js'
import { plants } from './plants.js'

const { stderr } = process
const output = {
    isTTY: stderr.isTTY === true,
    columns: stderr.columns ?? 80,
    write: (text: string) => stderr.write(text)
}

process.exitCode = await main(process.argv.slice(2), plants, output, (text) => console.log(text))
