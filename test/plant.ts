import { main } from './planted/command.js'
import { plants } from './planted/plants.js'

const { stderr } = process
const output = {
    isTTY: stderr.isTTY === true,
    columns: stderr.columns ?? 80,
    write: (text: string) => stderr.write(text)
}

process.exitCode = await main(process.argv.slice(2), plants, output, (text) => console.log(text))
