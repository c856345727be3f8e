import { test } from 'node:test'
import { covers, swarm } from './swarm.js'

test('a republic of each seed from 2251 to 3000 stays safe and goes on', async () => {
    covers(await swarm(2251, 3000))
})
