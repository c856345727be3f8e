import { isBuiltin } from 'node:module'
import { at, importsOf, isTypeOnly, type Project, type Rule, under } from './project.js'

/** The page of the inspector: the build bundles the page with these packages. */
const PAGE = 'src/inspect/page/'
const BUNDLED: ReadonlySet<string> = new Set(['preact', '@preact/signals'])

/** The optional peer of the instrumentation, which alone imports the peer. */
const INSTRUMENTATION = 'src/opentelemetry/'
const OPTIONAL_PEER = '@opentelemetry/api'

const EIGHT = [
    'cadence', 'conduit', 'destructible', 'happenstance', 'procession', 'prolific.logger', 'rescue',
    'signal'
]

function runtimeOf(project: Project): Set<string> {
    const manifest: unknown = JSON.parse(project.files['package.json'] ?? '{}')
    const isManifest = typeof manifest === 'object' && manifest !== null
    const dependencies = isManifest && 'dependencies' in manifest ? manifest.dependencies : {}
    return new Set(Object.keys(dependencies ?? {}))
}

/** The package of a specifier: `conduit` for `conduit/caller.js`. */
function packageOf(specifier: string): string {
    return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

function dependencyFindings(project: Project): string[] {
    const runtime = runtimeOf(project)
    const readme = project.files['README.md'] ?? ''
    const used = new Set<string>()
    const findings: string[] = []
    for (const [path] of under(project, 'src/')) {
        for (const { node, specifier } of importsOf(project, path)) {
            const name = packageOf(specifier)
            used.add(name)
            const isBundled = path.startsWith(PAGE) && BUNDLED.has(name)
            const isPeer = path.startsWith(INSTRUMENTATION) && name === OPTIONAL_PEER
            const isPackage = !specifier.startsWith('.') && !isBundled && !isPeer
            if (isPackage && !runtime.has(name) && !isBuiltin(specifier)) {
                findings.push(`${at(node)}: '${name}' is no runtime dependency`)
            }
        }
    }
    const say = (name: string, fault: string): void => {
        findings.push(`package.json:1: ${name} ${fault}`)
    }
    for (const name of EIGHT) {
        if (!runtime.has(name)) {
            say(name, 'is one of the eight and no runtime dependency')
        }
    }
    for (const name of runtime) {
        if (!EIGHT.includes(name) && !readme.includes(`\`${name}\``)) {
            say(name, 'is not one of the eight, and the README does not argue for it')
        }
        if (!used.has(name)) {
            say(name, 'is a runtime dependency that nothing in src imports')
        }
    }
    return findings
}

function importing(names: readonly string[]): string {
    return names.map((name, index) => `import n${index} from '${name}'`).join('\n')
}

function depending(names: readonly string[]): string {
    const dependencies = Object.fromEntries(names.map((name) => [name, '1.0.0']))
    return JSON.stringify({ dependencies })
}

/** House rule 19, packages. */
export const theEight: Rule = {
    name: 'depends on the eight packages, uses each, and argues for any other',
    check: dependencyFindings,
    broken: [{
        files: {
            'package.json': depending([...EIGHT.slice(1), 'left-pad']),
            'README.md': 'left-pad is nice.',
            'src/a.ts': importing([...EIGHT.slice(0, -1), 'right-pad', 'node:fs']),
            'src/b.ts': importing(['preact', '@opentelemetry/api']),
            'src/inspect/page/c.tsx': importing(['react'])
        },
        says: [
            "src/a.ts:1: 'cadence' is no runtime dependency",
            "src/a.ts:8: 'right-pad' is no runtime dependency",
            "src/b.ts:1: 'preact' is no runtime dependency",
            "src/b.ts:2: '@opentelemetry/api' is no runtime dependency",
            "src/inspect/page/c.tsx:1: 'react' is no runtime dependency",
            'package.json:1: cadence is one of the eight and no runtime dependency',
            'package.json:1: signal is a runtime dependency that nothing in src imports',
            'package.json:1: left-pad is not one of the eight, and the README does not argue for '
                + 'it',
            'package.json:1: left-pad is a runtime dependency that nothing in src imports'
        ]
    }],
    kept: [{
        'package.json': depending([...EIGHT, '@scope/pad']),
        'README.md': 'We also need `@scope/pad`, because nothing else pads.',
        'src/a.ts': importing([...EIGHT, 'conduit/caller.js', '@scope/pad/x', 'node:fs']),
        'src/opentelemetry/a.ts': importing(['@opentelemetry/api']),
        'src/inspect/page/b.tsx': importing(['preact', 'preact/hooks', '@preact/signals'])
    }]
}

function coverageFindings(project: Project): string[] {
    const settings: unknown = JSON.parse(project.files['test/c8.json'] ?? '{}')
    const exclude = typeof settings === 'object' && settings !== null && 'exclude' in settings
        ? settings.exclude
        : []
    const excluded = Array.isArray(exclude) ? exclude.map(String) : []
    // The page runs in a browser alone.
    const page = under(project, PAGE).length > 0 ? [`${PAGE}**`] : []
    const silent = under(project, 'src/')
        .filter(([path, source]) => isTypeOnly(source) && !source.isDeclarationFile
            && !path.startsWith(PAGE))
        .map(([path]) => path)
    const due = ['src/declarations/**', ...page, ...silent]
    return [
        ...excluded.filter((path) => !due.includes(path))
            .map((path) => `test/c8.json:1: ${path} is excluded from coverage though it can run`),
        ...due.filter((path) => !excluded.includes(path))
            .map((path) => `test/c8.json:1: ${path} cannot run and would count as uncovered`)
    ]
}

/** What keeps the number of covered lines honest. */
export const honestCoverage: Rule = {
    name: 'excludes from coverage exactly what is types alone',
    check: coverageFindings,
    broken: [{
        files: {
            'test/c8.json': '{ "exclude": ["src/a.ts"] }',
            'src/a.ts': 'export const a = 1',
            'src/b.ts': 'export type B = 1'
        },
        says: [
            'test/c8.json:1: src/a.ts is excluded from coverage though it can run',
            'test/c8.json:1: src/declarations/** cannot run and would count as uncovered',
            'test/c8.json:1: src/b.ts cannot run and would count as uncovered'
        ]
    }],
    kept: [{
        'test/c8.json': '{ "exclude": ["src/declarations/**", "src/b.ts"] }',
        'src/b.ts': 'export type B = 1',
        'src/declarations/c.d.ts': 'declare const c: number'
    }]
}
