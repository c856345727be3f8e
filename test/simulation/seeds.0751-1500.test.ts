import { test } from 'node:test'
import { covers, swarm } from './swarm.js'

test('a republic of each seed from 751 to 1500 stays safe and goes on', async () => {
    covers(await swarm(751, 1500))
})
