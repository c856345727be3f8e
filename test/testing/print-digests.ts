import { digests } from './digests.js'

// Prints the digests of so many seeds. Another version of Node must print the same.
process.stdout.write(await digests(Number(process.argv[2])))
