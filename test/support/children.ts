import type { ChildProcess } from 'node:child_process'

const children = new Set<ChildProcess>()

function killAll(): void {
    for (const child of children) {
        child.kill('SIGKILL')
    }
}

/**
 * Ends a child process with this process, also if the test runner ends this process by SIGTERM
 * after a test has reached its time limit. A child that lives on keeps the output of the runner
 * open, and the runner then never ends. Returns the child.
 */
export function endWithTests<Child extends ChildProcess>(child: Child): Child {
    if (children.size === 0) {
        process.once('exit', killAll)
        process.once('SIGTERM', () => {
            killAll()
            process.kill(process.pid, 'SIGTERM')
        })
    }
    children.add(child)
    return child
}
