import ts from 'typescript'
import { at, type Rule, under, walk } from './project.js'

/** The options of a command are read from its arguments, by another reader. */
const COMMANDS = 'src/command/'

/** House rule 13, the table of an options object. The compiler sees to it that it is whole. */
export const optionTables: Rule = {
    name: 'checks every options object by a table',
    check: (project) => {
        const nodes = under(project, 'src/')
            .filter(([path]) => !path.startsWith(COMMANDS))
            .flatMap(([, source]) => [...walk(source)])
        const tabled = new Set<string>()
        const findings: string[] = []
        for (const node of nodes) {
            if (ts.isTypeReferenceNode(node) && node.typeName.getText() === 'OptionTable') {
                for (const argument of node.typeArguments ?? []) {
                    tabled.add(argument.getText())
                }
            }
        }
        for (const node of nodes) {
            const name = ts.isInterfaceDeclaration(node) ? node.name.text : ''
            if (/\wOptions$/.test(name) && !tabled.has(name)) {
                findings.push(`${at(node)}: ${name} has no OptionTable<${name}>`)
            }
        }
        return findings
    },
    broken: [{
        files: {
            'src/a.ts': 'export interface AOptions { a: 1 }',
            'src/b.ts': 'interface BOptions { b: 1 }\nconst B: Record<string, BOptions> = {}'
        },
        says: [
            'src/a.ts:1: AOptions has no OptionTable<AOptions>',
            'src/b.ts:1: BOptions has no OptionTable<BOptions>'
        ]
    }],
    kept: [{
        'src/a.ts': 'export interface AOptions { a: 1 }\nexport const A: OptionTable<AOptions> = 1',
        'src/b.ts': 'interface Options { b: 1 }\ninterface B { b: 1 }',
        'src/command/c.ts': 'interface COptions { c: 1 }'
    }]
}
