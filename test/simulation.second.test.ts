import { test } from 'node:test'
import { covers, swarm } from './simulation/swarm.js'

test('a republic of each seed from 601 to 1200 stays safe and goes on', () => {
    covers(swarm(601, 1200))
})
