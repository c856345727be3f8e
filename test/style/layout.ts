import ts from 'typescript'
import { at, type Project, type Rule } from './project.js'

/** The files that may lie beside the folders of `test`. */
const TEST_FILES: ReadonlySet<string> = new Set([
    'test/README.md', 'test/biome.json', 'test/c8.json', 'test/tsconfig.json'
])

/** The files that may lie beside the folders of `src`. */
const SOURCE_FILES: ReadonlySet<string> = new Set([
    'src/index.ts', 'src/ancestor.md', 'src/environments.md'
])

/** The place of a file outside every room, or null. */
function rejectPlace(path: string): string | null {
    if (/^src\/[^/]+$/.test(path) && !SOURCE_FILES.has(path)) {
        return `${path}: src contains index.ts and folders`
    }
    return /^test\/[^/]+$/.test(path) && !TEST_FILES.has(path)
        ? `${path}: test contains folders and the files of its configuration`
        : null
}

/** Every file lies in a room. */
export const rooms: Rule = {
    name: 'keeps every file of src and test in a room',
    check: ({ files }) => Object.keys(files).map(rejectPlace).filter((fault) => fault !== null),
    broken: [{
        files: { 'src/log.ts': '', 'test/log.test.ts': '' },
        says: [
            'src/log.ts: src contains index.ts and folders',
            'test/log.test.ts: test contains folders and the files of its configuration'
        ]
    }],
    kept: [{
        'src/index.ts': '', 'src/paxos/log.ts': '', 'test/tsconfig.json': '{}',
        'test/paxos/log.test.ts': '', 'README.md': ''
    }]
}

function isDeclared(node: ts.Statement): node is
    ts.ClassDeclaration | ts.InterfaceDeclaration | ts.TypeAliasDeclaration | ts.EnumDeclaration {
    return ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)
        || ts.isTypeAliasDeclaration(node) || ts.isEnumDeclaration(node)
}

/** The exported classes and types of a file. */
function typesOf(source: ts.SourceFile): readonly ts.Identifier[] {
    return source.statements.filter(isDeclared).flatMap(({ name, modifiers = [] }) => {
        const isExported = [...modifiers].some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
        return isExported && name !== undefined ? [name] : []
    })
}

/** House rule 11: a name of a type means one thing. */
export const distinctTypes: Rule = {
    name: 'exports no two types under one name',
    check: ({ sources }: Project) => {
        const first = new Map<string, string>()
        return [...sources].flatMap(([path, source]) => {
            const isRoom = path.startsWith('src/') && !path.endsWith('.d.ts')
            return (isRoom ? typesOf(source) : []).flatMap((name) => {
                const other = first.get(name.text)
                first.set(name.text, other ?? path)
                return other === undefined ? [] : [`${at(name)}: ${name.text} is also in ${other}`]
            })
        })
    },
    broken: [{
        files: {
            'src/paxos/peers.ts': 'export class Peer {}',
            'src/transport/peer.ts': '\nexport interface Peer { id: string }'
        },
        says: ['src/transport/peer.ts:2: Peer is also in src/paxos/peers.ts']
    }],
    kept: [{
        'src/paxos/peers.ts': 'export class Peer {}\nexport function start(): void {}',
        'src/transport/peer.ts':
            "import type { Peer } from '../paxos/peers.js'\ninterface Held { peer: Peer }",
        'src/journal/held.ts': 'export interface Held { n: number }\nexport const start = 1',
        'src/index.ts': "export type { Peer } from './paxos/peers.js'",
        'test/paxos/peers.ts': 'export class Peer {}'
    }]
}
