import { test } from 'node:test'
import { covers, swarm } from './swarm.js'

test('a republic of each seed from 1 to 750 stays safe and goes on', async () => {
    covers(await swarm(1, 750))
})
