import { once } from 'node:events'
import { readlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Lan } from './lan.js'

const PROGRAM = fileURLToPath(new URL('./caller.js', import.meta.url))

/**
 * Makes a network with programs on it, one of them stopped, says what it is made of, and then
 * waits to be killed; `end` as an argument lets it end in good order instead.
 */
const lan = await Lan.make(2)
const programs = [0, 1, 2].map((machine) => lan.node(machine, PROGRAM, '7000'))
await Promise.all(programs.map((program) => once(program, 'message')))
programs[1]?.kill('SIGSTOP')
const namespaces = programs.map(({ pid }) => readlinkSync(`/proc/${pid}/ns/net`))
console.log(JSON.stringify(namespaces))
if (process.argv[2] === 'end') {
    for (const program of programs) {
        program.kill('SIGKILL')
    }
    await Promise.all(programs.map((program) => once(program, 'exit')))
    await lan.end()
} else {
    process.stdin.resume()
}
