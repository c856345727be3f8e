import { posix } from 'node:path'
import ts from 'typescript'
import { importsOf, type Project, walk } from '../style/project.js'

/** The programs that a file starts: texts such as `'../member.js'` that lead to a source. */
function startedBy(project: Project, path: string): string[] {
    const source = project.sources.get(path)
    const texts = source === undefined ? [] : [...walk(source)].flatMap((node) =>
        ts.isStringLiteral(node) && /^\.{1,2}\/.*\.js$/.test(node.text) ? [node.text] : [])
    return texts.map((text) => posix.join(posix.dirname(path), text).replace(/\.js$/, '.ts'))
        .filter((target) => project.sources.has(target))
}

/**
 * The test files that reach a source through imports and started programs, the nearest first. A
 * test of the same name counts as nearest.
 */
export function testsFor(project: Project, source: string): string[] {
    const users = new Map<string, string[]>()
    for (const path of project.sources.keys()) {
        const targets = importsOf(project, path).flatMap(({ target }) => target ?? [])
        for (const target of new Set([...targets, ...startedBy(project, path)])) {
            users.set(target, [...users.get(target) ?? [], path])
        }
    }
    const reached = new Set([source])
    for (const path of reached) {
        for (const user of users.get(path) ?? []) {
            reached.add(user)
        }
    }
    const twin = source.replace(/^src\//, 'test/').replace(/\.ts$/, '.test.ts')
    const tests = [...reached].filter((path) => path.endsWith('.test.ts'))
    return [...tests.filter((path) => path === twin), ...tests.filter((path) => path !== twin)]
}
