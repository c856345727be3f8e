import { signal, type Signal } from '@preact/signals'
import type { JSX } from 'preact'
import type { TreeAnswer } from '../answers.js'

/** The parts that a user has opened or closed, by path. The choice holds for later steps. */
const chosen: Signal<ReadonlyMap<string, boolean>> = signal(new Map<string, boolean>())

/** The depth to which a tree is open at first. */
const OPEN_DEPTH = 1

/** The marks of a change, in front of a part. */
const SIGNS = { new: '+', changed: '~', gone: '−', inside: '·' } as const

function Node({ node, path, depth }: {
    readonly node: TreeAnswer
    readonly path: string
    readonly depth: number
}): JSX.Element {
    const { name, kind, text, size, parts = [], change, before } = node
    const marked = change === undefined ? 'node' : `node change-${change}`
    const sign = change === undefined ? '' : SIGNS[change]
    if (kind === 'value' || kind === 'omitted') {
        return (
            <li class={marked}>
                <span class="sign">{sign}</span>
                {name !== '' && <span class="key">{name}</span>}
                {before !== undefined && <del>{before}</del>}
                <span class={kind === 'omitted' ? 'omitted' : 'text'}>{text}</span>
            </li>
        )
    }
    const isOpen = chosen.value.get(path)
        ?? (depth < OPEN_DEPTH || change === 'inside' || (change === 'new' && depth < 4))
    const brackets = kind === 'list' ? `[${size ?? 0}]` : `{${size ?? 0}}`
    const toggle = (): void => {
        chosen.value = new Map([...chosen.value, [path, !isOpen]])
    }
    return (
        <li class={marked}>
            <button type="button" class="toggle" aria-expanded={isOpen} onClick={toggle}>
                <span class="sign">{sign}</span>
                <span class="arrow">{isOpen ? '▾' : '▸'}</span>
                <span class="key">{name}</span>
                <span class="size">{brackets}</span>
            </button>
            {isOpen && <ul>
                {parts.map((part, index) => (
                    <Node key={`${part.name} ${index}`} node={part} depth={depth + 1}
                        path={`${path}.${part.name}`} />
                ))}
            </ul>}
        </li>
    )
}

/** A value as a tree, with its changes marked. */
export function Tree({ tree, place }: {
    readonly tree: TreeAnswer
    /** The name under which opened parts are remembered. */
    readonly place: string
}): JSX.Element {
    return <ul class="tree"><Node node={tree} path={place} depth={0} /></ul>
}
