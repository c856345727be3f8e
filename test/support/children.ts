import type { ChildProcess } from 'node:child_process'

const children = new Set<ChildProcess>()

/** Ends every child. A failed test leaves children that keep the process of the tests alive. */
export function endChildren(): void {
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
        process.once('exit', endChildren)
        process.once('SIGTERM', () => {
            endChildren()
            process.kill(process.pid, 'SIGTERM')
        })
    }
    children.add(child)
    return child
}
