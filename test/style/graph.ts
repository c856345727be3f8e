import { entries, type Import, importsOf, isTypeOnly, type Project, type Rule, at, under }
    from './project.js'
import { isCore } from './quiet.js'

const SHELL =
    /^src\/(?:index\.ts$|(?:member|colleague|transport|journal|recipes|command|examples)\/)/
const WHOLE = 'src/paxos/paxos.ts'

/** The rooms of the core: what stands in one does not see into another. */
function roomOf(path: string): 'base' | 'paxos' | 'publisher' {
    return path.startsWith('src/paxos/')
        ? 'paxos'
        : path.startsWith('src/publisher/') ? 'publisher' : 'base'
}

/** Why a core file may not see another, or null. Types alone may be seen from anywhere. */
function rejectSight(project: Project, from: string, found: Import): string | null {
    const { target } = found
    const source = target === null ? undefined : project.sources.get(target)
    if (target === null || source === undefined || (found.isType && isTypeOnly(source))) {
        return null
    }
    if (!isCore(target)) {
        return SHELL.test(target) ? `the core must not see the shell's ${target}` : null
    }
    if (target === WHOLE) {
        return `a part must not see its whole, ${WHOLE}`
    }
    return [roomOf(from), 'base'].includes(roomOf(target))
        ? null
        : `${roomOf(from)} must not see ${target}`
}

/** House rule 7, the floors of the core. */
export const floors: Rule = {
    name: 'lets the core see only what stands below it',
    check: (project) => [...project.sources.keys()].filter(isCore).flatMap((path) =>
        importsOf(project, path).flatMap((found) => {
            const reason = rejectSight(project, path, found)
            return reason === null ? [] : [`${at(found.node)}: ${reason}`]
        })),
    broken: [{
        files: {
            'src/paxos/paxos.ts':
                "import { I } from '../publisher/islander.js'\nexport const P = I",
            'src/paxos/log.ts': "import type { P } from './paxos.js'\nexport const l: P = 1",
            'src/publisher/islander.ts':
                "import { K } from '../member/kibitzer.js'\nexport const I = K",
            'src/base/monotonic.ts':
                "import { I } from '../publisher/islander.js'\nexport const M = I",
            'src/member/kibitzer.ts': 'export const K = 1'
        },
        says: [
            'src/paxos/paxos.ts:1: paxos must not see src/publisher/islander.ts',
            'src/paxos/log.ts:1: a part must not see its whole, src/paxos/paxos.ts',
            "src/publisher/islander.ts:1: the core must not see the shell's "
                + 'src/member/kibitzer.ts',
            'src/base/monotonic.ts:1: base must not see src/publisher/islander.ts'
        ]
    }],
    kept: [{
        'src/paxos/paxos.ts': "import { l } from './log.js'\nexport const P = l",
        'src/paxos/log.ts': "import { M } from '../base/monotonic.js'\nexport const l = M",
        'src/paxos/message.ts': 'export interface Entry { n: number }',
        'src/publisher/islander.ts':
            "import type { Entry } from '../paxos/message.js'\nexport let e: Entry",
        'src/base/monotonic.ts': "import { fail } from './errors.js'\nexport const M = fail",
        'src/base/errors.ts': 'export const fail = 1'
    }]
}

/** The files that a file imports. An import of a type counts: a reader follows it, too. */
function importedBy(project: Project, path: string): string[] {
    return importsOf(project, path).flatMap(({ target }) => (target === null ? [] : [target]))
}

function circles(project: Project): string[] {
    const done = new Set<string>()
    const trail: string[] = []
    const findings: string[] = []
    function visit(path: string): void {
        const start = trail.indexOf(path)
        if (start !== -1) {
            const circle = [...trail.slice(start), path].join(' → ')
            findings.push(`${path}:1: a circle of imports: ${circle}`)
        }
        if (start !== -1 || done.has(path)) {
            return
        }
        done.add(path)
        trail.push(path)
        importedBy(project, path).forEach(visit)
        trail.pop()
    }
    for (const [path] of under(project, 'src/')) {
        visit(path)
    }
    return findings
}

/** House rule 7, circles. */
export const noCircles: Rule = {
    name: 'has no circle of imports, imports of types included',
    check: circles,
    broken: [{
        files: {
            'src/a.ts': "import { b } from './b.js'\nexport const a = b",
            'src/b.ts': "import { c } from './c.js'\nexport const b = c",
            'src/c.ts': "import type { a } from './a.js'\nexport const c: typeof a = 1"
        },
        says: ['src/a.ts:1: a circle of imports: src/a.ts → src/b.ts → src/c.ts → src/a.ts']
    }, {
        files: {
            'src/a.ts': "import type { B } from './b.js'\nexport interface A { b: B }",
            'src/b.ts': "export interface B { a: import('./a.js').A }"
        },
        says: ['src/a.ts:1: a circle of imports: src/a.ts → src/b.ts → src/a.ts']
    }, {
        files: { 'src/a.ts': "import './a.js'\nexport const a = 1" },
        says: ['src/a.ts:1: a circle of imports: src/a.ts → src/a.ts']
    }],
    kept: [{
        'src/a.ts': "import type { B } from './b.js'\nimport { c } from './c.js'\nlet b: B = c",
        'src/b.ts': "import { c } from './c.js'\nexport type B = typeof c",
        'src/c.ts': 'export const c = 1',
        'test/a.test.ts': "import { a } from './a.js'\nexport { a }",
        'test/a.ts': "import type { b } from './a.test.js'\nexport const a: typeof b = 1"
    }]
}

/** The entry of a subpath with several exports is a barrel, too. */
const BARRELS: ReadonlySet<string> = new Set([
    'src/index.ts', 'src/recipes/index.ts', 'src/replay/index.ts', 'src/testing/index.ts'
])

function barrels(project: Project): string[] {
    const findings: string[] = []
    for (const [path] of under(project, 'src/')) {
        for (const { node, target, isExport } of importsOf(project, path)) {
            if (isExport && !BARRELS.has(path)) {
                findings.push(`${at(node)}: only src/index.ts hands on what others export`)
            }
            // An example is outside: it imports kibitz as a user does.
            if (BARRELS.has(target ?? '') && !path.startsWith('src/examples/')) {
                findings.push(`${at(node)}: ${target} is for those outside`)
            }
        }
    }
    return findings
}

/** House rule 19, barrels. */
export const oneBarrel: Rule = {
    name: 'has one barrel, index.ts, and does not use it itself',
    check: barrels,
    broken: [{
        files: {
            'src/a.ts': "export { b } from './b.js'\nexport type * from './b.js'",
            'src/b.ts': "import { a } from './index.js'\nexport const b = a",
            'src/index.ts': "export { a } from './a.js'"
        },
        says: [
            'src/a.ts:1: only src/index.ts hands on what others export',
            'src/a.ts:2: only src/index.ts hands on what others export',
            'src/b.ts:1: src/index.ts is for those outside'
        ]
    }],
    kept: [{
        'src/a.ts': 'export const a = 1\nexport { a as b }',
        'src/index.ts': "export * from './a.js'",
        'src/testing/index.ts': "export { a } from '../a.js'",
        'test/a.test.ts': "import { a } from '../src/index.js'\nexport { a } from '../src/a.js'"
    }]
}

function deadFiles(project: Project): string[] {
    const roots = entries(project)
    const alive = new Set<string>()
    for (const [path, source] of under(project, 'src/')) {
        for (const { target } of importsOf(project, path)) {
            alive.add(target ?? '')
        }
        for (const { fileName } of source.referencedFiles) {
            alive.add(new URL(fileName, `file:///${path}`).pathname.slice(1))
        }
    }
    return [
        ...roots.filter((path) => !project.sources.has(path))
            .map((path) => `package.json:1: it offers ${path}, which is not there`),
        ...under(project, 'src/').map(([path]) => path)
            .filter((path) => !alive.has(path) && !roots.includes(path))
            .map((path) => `${path}:1: nothing imports it, and package.json does not offer it`)
    ]
}

/** House rule 19, files. */
export const noDeadFiles: Rule = {
    name: 'imports or offers every file',
    check: deadFiles,
    broken: [{
        files: {
            'package.json': '{ "exports": { "." : "./dist/index.js", "./b": "./dist/b/b.js" } }',
            'src/index.ts': '/// <reference path="./declarations/a.d.ts" preserve="true" />',
            'src/declarations/a.d.ts': 'declare const a: number',
            'src/declarations/b.d.ts': 'declare const b: number',
            'src/alone.ts': 'export const alone = 1',
            'test/a.test.ts': "import { alone } from '../src/alone.js'\nalone"
        },
        says: [
            'package.json:1: it offers src/b/b.ts, which is not there',
            'src/declarations/b.d.ts:1: nothing imports it, and package.json does not offer it',
            'src/alone.ts:1: nothing imports it, and package.json does not offer it'
        ]
    }],
    kept: [{
        'package.json': '{ "exports": "./dist/index.js", "bin": { "k": "dist/command/k.js" } }',
        'src/index.ts': "export { a } from './a.js'",
        'src/a.ts': "import type { B } from './b.js'\nexport const a: B = 1",
        'src/b.ts': 'export type B = number',
        'src/command/k.ts': 'export const k = 1'
    }]
}
