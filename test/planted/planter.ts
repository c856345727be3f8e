import assert from 'node:assert/strict'
import { compiledTexts, functionsOf, type Named, type Texts, treeOf } from '../support/compiled.js'
import { type Knowledge, membersOf, strangers } from './names.js'
import { type Holes, type Match, Pattern, syntaxError } from './pattern.js'

/**
 * A change of one function of the compiled engine. The function is found by name, wherever the
 * function stands, and the place in the function by the syntax tree.
 */
export interface Edit {
    /**
     * The name of a function at the top of a file, or `Class.method`. If the function goes by one
     * of several names, all of them: exactly one function has one of the names.
     */
    readonly in: string | readonly string[]
    /** The pattern of the changed place (`pattern.ts`); the whole body if left out. */
    readonly find?: string
    /** Patterns whose first match in the function fills holes before `find` is sought. */
    readonly where?: readonly string[]
    /** The new text. `$name` stands for what a hole holds, `$found` for the whole place. */
    readonly to: string
}

/** One place in a text that is written otherwise. */
export interface Change {
    /** Below `src` of the compiled tree. */
    readonly file: string
    readonly start: number
    readonly end: number
    readonly to: string
}

/** Every name in a replacement that is a hole. */
const HOLES = /\${1,2}[a-z]\w*/g

/** What the program of these files knows. */
function knowledgeOf(texts: Texts): Knowledge {
    const all = [...texts]
    return {
        hasMember: (name) => all.some(([file, text]) =>
            text.includes(name) && membersOf(treeOf(file, text)).includes(name)),
        hasName: (name) => all.some(([, text]) => new RegExp(`\\b${name}\\b`).test(text))
    }
}

function functionsCalled(names: readonly string[], texts: Texts): readonly Named[] {
    const last = names.map((name) => name.slice(name.lastIndexOf('.') + 1))
    const found = [...texts]
        .filter(([, text]) => last.some((name) => text.includes(name)))
        .flatMap(([file, text]) => functionsOf(file, text))
        .filter(({ name }) => names.includes(name))
    assert(found.length !== 0, `no function is called ${names.join(' or ')}`)
    return found
}

function fillIn(to: string, holes: Holes): string {
    return to.replaceAll(HOLES, (hole) => {
        const text = holes.get(hole)
        assert(text !== undefined, `nothing fills ${hole} in: ${to}`)
        return text
    })
}

/** The holes that the patterns of `where` fill; `null` if one of them matches nothing. */
function filledBy(where: readonly string[], { node }: Named): Holes | null {
    return where.reduce<Holes | null>((holes, pattern) =>
        (holes && (new Pattern(pattern).matches(node, holes)[0]?.holes ?? null)), new Map())
}

/** A place of a function that an edit fits. */
interface Place {
    readonly named: Named
    readonly match: Match
}

/** The places of a function that an edit fits. */
function placesOf({ find, where = [] }: Edit, named: Named): readonly Place[] {
    const holes = filledBy(where, named)
    if (holes === null) {
        return []
    }
    const { body } = named
    const matches = find === undefined
        ? [{ start: body.getStart(), end: body.getEnd(), isExpression: false, holes }]
        : new Pattern(find).matches(body, holes)
    return matches.map((match) => ({ named, match }))
}

/**
 * Where the text changes, and how.
 *
 * @throws Error if no function has the name, if the edit fits no place or several, or if nothing
 * changes.
 */
export function changeOf(edit: Edit, texts: Texts = compiledTexts()): Change {
    const functions = functionsCalled([edit.in].flat(), texts)
    const places = functions.flatMap((named) => placesOf(edit, named))
    const [place] = places
    const where = functions.map(({ name, file }) => `${name} in ${file}`).join(' and ')
    assert(place !== undefined && places.length === 1,
        `${where}: ${places.length} places match ${edit.find ?? 'the name'}`)
    const { named: { file, body }, match: { start, end, isExpression, holes } } = place
    const text = body.getSourceFile().text.slice(start, end)
    const found = isExpression ? `(${text})` : text
    const filled = fillIn(edit.to, new Map([...holes, ['$found', found]]))
    const to = isExpression ? `(${filled})` : edit.find === undefined ? `{ ${filled} }` : filled
    assert(filled !== found && to !== text, `${where} stays the same`)
    const program = isExpression ? `(${filled})` : filled
    const strange = strangers(place.named.node, program, knowledgeOf(texts))
    assert(strange.length === 0, `${where} knows no ${strange.join(', ')}`)
    return { file, start, end, to }
}

/**
 * What the changed files say, by their path below `src`.
 *
 * @throws Error if two changes overlap, or if a changed file is no program.
 */
export function changed(changes: readonly Change[], texts: Texts = compiledTexts()): Texts {
    const result = new Map<string, string>()
    const later = [...changes].sort((one, other) => other.start - one.start)
    const begun = new Map<string, number>()
    for (const { file, start, end, to } of later) {
        const text = result.get(file) ?? texts.get(file)
        assert(text !== undefined, `there is no ${file}`)
        assert(end <= (begun.get(file) ?? text.length), `two changes of ${file} overlap`)
        begun.set(file, start)
        result.set(file, `${text.slice(0, start)}${to}${text.slice(end)}`)
    }
    for (const [file, text] of result) {
        const error = syntaxError(text)
        assert(error === null, `${file} is no program any more: ${error}`)
    }
    return result
}

/** What the files say after these edits; fails if an edit does not fit. */
export function planted(edits: readonly Edit[], texts: Texts = compiledTexts()): Texts {
    return changed(edits.map((edit) => changeOf(edit, texts)), texts)
}
