import ts from 'typescript'
import { at, type Project, type Rule, under, walk } from './project.js'

/** The page of a browser listens to its document. */
const PAGE = 'src/inspect/page/'

/** The file that adds the one listener of a signal. */
const SHARED = 'src/base/abort-signal.ts'

/** The functions that add a listener to a signal, or that hide the number of listeners. */
const LISTENS = /^(?:addEventListener|addAbortListener|setMaxListeners)$/

/** Whether a name is called, alone or as a method. */
function isCalled(node: ts.Identifier): boolean {
    const { parent } = node
    const called = ts.isPropertyAccessExpression(parent) && parent.name === node ? parent : node
    return ts.isCallExpression(called.parent) && called.parent.expression === called
}

/** The cost of a listener grows with the number of listeners, and Node warns of the eleventh. */
export const sharedListeners: Rule = {
    name: 'adds no listener to a signal except by onAbort',
    check: (project: Project) => under(project, 'src/')
        .filter(([path]) => path !== SHARED && !path.startsWith(PAGE))
        .flatMap(([, source]) => [...walk(source)]
            .filter((node): node is ts.Identifier => ts.isIdentifier(node)
                && LISTENS.test(node.text) && isCalled(node))
            .map((node) => `${at(node)}: onAbort shares one listener; ${node.text} adds one`)),
    broken: [{
        files: {
            'src/a.ts': [
                "signal.addEventListener('abort', end, { once: true })",
                'setMaxListeners(0, signal)'
            ].join('\n')
        },
        says: [
            'src/a.ts:1: onAbort shares one listener; addEventListener adds one',
            'src/a.ts:2: onAbort shares one listener; setMaxListeners adds one'
        ]
    }],
    kept: [{
        'src/inspect/page/b.ts': "document.addEventListener('keydown', listener)",
        [SHARED]: "signal.addEventListener('abort', listener, { once: true })",
        'src/a.ts': "onAbort(signal, end)\nReflect.get(value, 'addEventListener')",
        'test/a.test.ts': "signal.addEventListener('abort', end)"
    }]
}
