import cluster from 'node:cluster'
import { once } from 'node:events'
import { Kibitzer } from 'kibitz'
import { listenTcp } from 'kibitz/transport/tcp'

/** How many workers the cluster has. Each worker is a member. */
const COUNT = 3

/** Enters the republic: the first member founds the republic, each other member joins. */
async function enter(member, url, contact) {
    if (contact === url) {
        member.bootstrap('cluster', { url })
        return
    }
    while (!await member.join('cluster', { url: contact }, { url })) {
        await new Promise((resolve) => setTimeout(resolve, 20))
    }
    member.naturalize()
}

/** The bodies that the members publish, as one of the members reads them. */
async function read(member) {
    const found = []
    for await (const { body } of member.entries()) {
        if (body?.body !== undefined) {
            found.push(body.body)
        }
        if (found.length === COUNT) {
            break
        }
    }
    return found
}

/** A worker does each step after the first process has told all workers to begin the step. */
async function work() {
    const member = new Kibitzer({ id: `worker-${process.env['MEMBER']}` })
    const { url } = await listenTcp(member, { port: 0 })
    member.listen()
    const reading = read(member)
    const step = async (done) => {
        const next = once(process, 'message')
        process.send(done)
        const [message] = await next
        return message
    }
    const urls = await step(url)
    await enter(member, url, urls[0])
    await step('entered')
    await member.publish(`from ${member.id}`)
    await step(await reading)
    member.destroy()
    process.disconnect()
}

/** The results of a step of all workers. */
async function results(workers) {
    return await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]))
}

async function lead() {
    const workers = Array.from({ length: COUNT }, (_, index) => cluster.fork({ MEMBER: index }))
    const tell = (message) => {
        const next = results(workers)
        for (const worker of workers) {
            worker.send(message)
        }
        return next
    }
    const urls = await results(workers)
    await tell(urls)
    const found = await tell('publish')
    console.log(JSON.stringify({ found, addresses: new Set(urls).size }))
    for (const worker of workers) {
        worker.send('end')
    }
}

await (cluster.isPrimary ? lead() : work())
