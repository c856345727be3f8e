import ts from 'typescript'
import { at, type Import, importsOf, type Project, type Rule, walk } from './project.js'

const CORE = /^src\/(?:paxos\/|publisher\/islander\.ts$|base\/monotonic\.ts$)/

/** Names that reach a clock, the outside, chance, another turn or the machine's own customs. */
const LOUD = new Set([
    'Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask',
    'clearTimeout', 'clearInterval', 'clearImmediate', 'Promise', 'console', 'process', 'global',
    'globalThis', 'require', 'crypto', 'fetch', 'Atomics', 'SharedArrayBuffer', 'WeakRef',
    'FinalizationRegistry', 'Intl', 'eval', 'Function'
])

/** Properties that do the same whatever they are found on. */
const LOUD_PROPERTIES = /^(?:localeCompare|toLocale\w+)$/

/** Whether a file belongs to the core. */
export function isCore(path: string): boolean {
    return CORE.test(path)
}

/** Whether an identifier only names a member, so that it refers to nothing. */
function isMemberName(node: ts.Identifier): boolean {
    const { parent } = node
    if (ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent)
        || ts.isMethodDeclaration(parent) || ts.isPropertyDeclaration(parent)
        || ts.isPropertySignature(parent) || ts.isMethodSignature(parent)
        || ts.isAccessor(parent) || ts.isEnumMember(parent)) {
        return parent.name === node
    }
    if (ts.isBindingElement(parent) || ts.isImportSpecifier(parent)) {
        return parent.propertyName === node
    }
    return ts.isQualifiedName(parent) && parent.right === node
}

function loudName(node: ts.Node): string | null {
    if (ts.isPropertyAccessExpression(node) && LOUD_PROPERTIES.test(node.name.text)) {
        return node.name.text
    }
    if (!ts.isIdentifier(node) || isMemberName(node)) {
        return null
    }
    if (node.text !== 'Math') {
        return LOUD.has(node.text) ? node.text : null
    }
    const isMember = ts.isPropertyAccessExpression(node.parent)
        && node.parent.expression === node && node.parent.name.text !== 'random'
    return isMember ? null : 'Math.random'
}

function loudSyntax(node: ts.Node): string | null {
    if (node.kind === ts.SyntaxKind.AsyncKeyword) {
        return 'async'
    }
    if (ts.isAwaitExpression(node) || node.kind === ts.SyntaxKind.AwaitKeyword) {
        return 'await'
    }
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) {
        return 'import.meta'
    }
    return null
}

/** What a core file may not take from a package, or null where it is one of the two it may. */
function loudImport(found: Import): string | null {
    if (found.specifier.startsWith('.') || found.specifier === 'procession') {
        return null
    }
    if (found.specifier !== 'happenstance') {
        return `'${found.specifier}'`
    }
    const foreign = found.names.filter((name) =>
        found.isType ? name === 'Timer' : name !== 'Scheduler')
    return foreign.length === 0 ? null : `${foreign.join(', ')} of 'happenstance'`
}

/** What the core is made of: its files, and what they take along, with the file that took it. */
export function coreClosure(project: Project): Map<string, string | null> {
    const closure = new Map<string, string | null>()
    for (const path of project.sources.keys()) {
        if (isCore(path)) {
            closure.set(path, null)
        }
    }
    // The map grows while it is read, which takes the closure to its end.
    for (const [path, from] of closure) {
        for (const { target, isType } of importsOf(project, path)) {
            if (target !== null && !isType && !closure.has(target)) {
                closure.set(target, from ?? path)
            }
        }
    }
    return closure
}

function loudnessOf(project: Project, path: string, from: string | null): string[] {
    const source = project.sources.get(path)
    const taken = from === null ? '' : `, and ${from} takes this file along`
    const findings: string[] = []
    for (const node of source === undefined ? [] : walk(source)) {
        const name = loudSyntax(node) ?? loudName(node)
        if (name !== null) {
            findings.push(`${at(node)}: the core must not use ${name}${taken}`)
        }
    }
    for (const found of importsOf(project, path)) {
        const name = loudImport(found)
        if (name !== null) {
            findings.push(`${at(found.node)}: the core must not import ${name}${taken}`)
        }
    }
    return findings
}

/** House rule 2. */
export const quietCore: Rule = {
    name: 'keeps clock, chance, I/O and other turns out of the core and of what it takes along',
    check: (project) => [...coreClosure(project)].flatMap(([path, from]) =>
        loudnessOf(project, path, from)),
    broken: [{
        files: {
            'src/publisher/islander.ts': [
                "import { readFileSync } from 'node:fs'",
                "import { Scheduler, Timer } from 'happenstance'",
                "import cadence from 'cadence'",
                "export async function now() { await readFileSync; return Date.now() }",
                'export const chance = [Math.random(), Math]',
                "setTimeout(() => { globalThis.process.exit() }, 1)",
                "export const order = ['b', 'a'].sort((x, y) => x.localeCompare(y))",
                "export const later = import('node:fs'), here = import.meta.url"
            ].join('\n')
        },
        says: [
            'src/publisher/islander.ts:4: the core must not use async',
            'src/publisher/islander.ts:4: the core must not use await',
            'src/publisher/islander.ts:4: the core must not use Date',
            'src/publisher/islander.ts:5: the core must not use Math.random',
            'src/publisher/islander.ts:5: the core must not use Math.random',
            'src/publisher/islander.ts:6: the core must not use setTimeout',
            'src/publisher/islander.ts:6: the core must not use globalThis',
            'src/publisher/islander.ts:7: the core must not use localeCompare',
            'src/publisher/islander.ts:8: the core must not use import.meta',
            "src/publisher/islander.ts:1: the core must not import 'node:fs'",
            "src/publisher/islander.ts:2: the core must not import Timer of 'happenstance'",
            "src/publisher/islander.ts:3: the core must not import 'cadence'",
            "src/publisher/islander.ts:8: the core must not import 'node:fs'"
        ]
    }, {
        files: {
            'src/paxos/log.ts': "import { fail } from '../base/errors.js'\nfail()",
            'src/base/errors.ts':
                "import { say } from '../say.js'\nexport const fail = () => say()",
            'src/say.ts': 'export const say = () => { console.log(1) }'
        },
        says: ['src/say.ts:1: the core must not use console, and src/paxos/log.ts takes this file '
            + 'along']
    }],
    kept: [{
        'src/paxos/paxos.ts': [
            "import Procession from 'procession'",
            "import { Scheduler } from 'happenstance'",
            "import type { CalendarEvent } from 'happenstance'",
            "import type { Played } from '../member/inputs.js'",
            'export const process_ = { Date: 1, process: 2 }.process + Math.max(1, 2)'
        ].join('\n'),
        'src/member/inputs.ts': 'export interface Played { when: Date }',
        'src/member/kibitzer.ts': 'export const now = () => Date.now()'
    }]
}
