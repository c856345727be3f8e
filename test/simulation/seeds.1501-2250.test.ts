import { test } from 'node:test'
import { covers, swarm } from './swarm.js'

test('a republic of each seed from 1501 to 2250 stays safe and goes on', async () => {
    covers(await swarm(1501, 2250))
})
