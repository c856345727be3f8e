import { test } from 'node:test'
import { covers, swarm } from './simulation/swarm.js'

test('a republic of each seed from 1 to 600 stays safe and goes on', () => {
    covers(swarm(1, 600))
})
