import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { entryAlone, type ModuleResolution, strictOptions } from './consumer.js'

// A program: checks each entry of the installed package alone, and prints the errors.
//
//     node entries-alone.js FOLDER node16|bundler NAME...
//
// Each entry is a program of its own, so no entry finds a declaration that only another entry
// brings. The programs share the parsed declarations of the compiler and of Node, and check only
// the entry and the declarations of the package.

function optionsOf(folder: string, resolution: ModuleResolution): ts.CompilerOptions {
    return ts.convertCompilerOptionsFromJson(strictOptions(resolution), folder).options
}

/** A host that parses each file outside the package once for all programs. */
function hostOf(options: ts.CompilerOptions, isOurs: (path: string) => boolean): ts.CompilerHost {
    const host = ts.createCompilerHost(options)
    const parsed = new Map<string, ts.SourceFile | undefined>()
    return {
        ...host,
        getSourceFile(path, ...rest) {
            if (isOurs(path)) {
                return host.getSourceFile(path, ...rest)
            }
            const known = parsed.get(path) ?? host.getSourceFile(path, ...rest)
            parsed.set(path, known)
            return known
        }
    }
}

/** The errors of each entry, as text; empty if there is no error. */
function errorsOf(folder: string, resolution: ModuleResolution, names: readonly string[]): string {
    const options = optionsOf(folder, resolution)
    const isOurs = (path: string): boolean => {
        return path.endsWith('/index.ts') || path.includes('/node_modules/kibitz/')
    }
    const host = hostOf(options, isOurs)
    const errors = names.flatMap((name) => {
        const place = join(folder, `alone-${resolution}-${name.replaceAll('/', '-')}`)
        const file = join(place, 'index.ts')
        mkdirSync(place)
        writeFileSync(join(place, 'package.json'), '{ "type": "module" }')
        writeFileSync(file, entryAlone(name))
        host.getCurrentDirectory = () => place
        const program = ts.createProgram({ rootNames: [file], options, host })
        const ours = program.getSourceFiles().filter(({ fileName }) => isOurs(fileName))
        return [
            ...program.getOptionsDiagnostics(),
            ...program.getGlobalDiagnostics(),
            ...ours.flatMap((source) => [
                ...program.getSyntacticDiagnostics(source),
                ...program.getSemanticDiagnostics(source)
            ])
        ]
    })
    return ts.formatDiagnostics(errors, {
        getCanonicalFileName: (path) => path,
        getCurrentDirectory: () => folder,
        getNewLine: () => '\n'
    })
}

const [folder = '', resolution, ...names] = process.argv.slice(2)
const text = errorsOf(folder, resolution === 'node16' ? 'node16' : 'bundler', names)
process.stdout.write(text)
process.exitCode = text === '' ? 0 : 1
