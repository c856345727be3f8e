import type ts from 'typescript'
import { place, type Project, type Rule } from './project.js'

/** Pronouns: each stands where a reader needs a noun of the code. */
const PRONOUNS = new Set([
    'it', 'its', 'itself', 'they', 'them', 'their', 'theirs', 'that', 'this', 'these', 'those',
    'who', 'whom', 'whose', 'whoever', 'whomever', 'which', 'what', 'whatever', 'one', 'ones',
    'such', 'nobody', 'somebody', 'someone', 'anybody', 'everybody', 'everyone', 'none', 'some',
    'others', 'other', 'another', 'he', 'she', 'his', 'her', 'him'
])

/** Pronouns for persons, although the actors of the code are members, callers and peers. */
const PERSONS = new Set([
    'who', 'whom', 'whose', 'whoever', 'whomever', 'nobody', 'somebody', 'someone', 'anybody',
    'everybody', 'everyone'
])

/** Shorter passages, such as a title, say nothing about the style of a text. */
const PASSAGE_WORDS_MIN = 6
/** Passages named in a finding. */
const SHOWN = 3

/** Upper bounds for each 100 words. */
interface Bounds {
    readonly pronouns: number
    readonly persons: number
}

/** For the comments of all files in `src` together. */
const COMMENTS: Bounds = { pronouns: 5.5, persons: 0.1 }
/** For each document. */
const DOCUMENTS: Bounds = { pronouns: 5, persons: 0.1 }

interface Passage {
    readonly place: string
    readonly words: readonly string[]
}

function wordsOf(text: string): string[] {
    return text.replace(/`[^`\n]*`/g, 'code').match(/[A-Za-z']+/g) ?? []
}

function count(passages: readonly Passage[], names: ReadonlySet<string>): number {
    return passages.flatMap(({ words }) => words)
        .filter((word) => names.has(word.toLowerCase())).length
}

/** Doc comments, and each run of line comments as one passage. */
function commentsOf(source: ts.SourceFile): Passage[] {
    const found = source.text.matchAll(/\/\*\*[\s\S]*?\*\/|(?:^[ \t]*\/\/.*\n?)+/gm)
    return [...found].map(({ 0: text, index }) => ({
        place: place(source, index),
        words: wordsOf(text.replace(/^\s*(?:\/\*\*|\*\/|\*|\/\/)\s?|\*\/$/gm, ''))
    }))
}

/** Paragraphs of a document, without its blocks of code. */
function paragraphsOf(path: string, text: string): Passage[] {
    const blank = (block: string): string => block.replace(/[^\n]/g, '')
    const passages: Passage[] = []
    let line = 1
    for (const paragraph of text.replace(/^```[\s\S]*?^```/gm, blank).split('\n\n')) {
        passages.push({ place: `${path}:${line}`, words: wordsOf(paragraph) })
        line += paragraph.split('\n').length + 1
    }
    return passages
}

function findings(passages: readonly Passage[], of: string, bounds: Bounds): string[] {
    const counted = passages.filter(({ words }) => words.length >= PASSAGE_WORDS_MIN)
    const total = counted.reduce((sum, { words }) => sum + words.length, 0)
    const share = (names: ReadonlySet<string>): number => 100 * count(counted, names) / total
    const excess: string[] = []
    for (const [what, names] of [['pronouns', PRONOUNS], ['persons', PERSONS]] as const) {
        if (total > 0 && share(names) > bounds[what]) {
            const worst = counted
                .map((passage) => ({ ...passage, share: count([passage], names) }))
                .sort((left, right) =>
                    right.share / right.words.length - left.share / left.words.length)
            const places = worst.slice(0, SHOWN).map((passage) => passage.place).join(', ')
            excess.push(`${of}:1: ${share(names).toFixed(2)} ${what} in 100 words, `
                + `${bounds[what]} are the most; most in ${places}`)
        }
    }
    return excess
}

function check(project: Project): string[] {
    const comments = [...project.sources]
        .filter(([path, source]) => path.startsWith('src/') && !source.isDeclarationFile)
        .flatMap(([, source]) => commentsOf(source))
    const documents = Object.entries(project.files).filter(([path]) => path.endsWith('.md'))
    return [
        ...findings(comments, 'src', COMMENTS),
        ...documents.flatMap(([path, text]) =>
            findings(paragraphsOf(path, text), path, DOCUMENTS))
    ]
}

const BROKEN = `/** It has what this one needs of those that it hears. */
export const a = 1`
const KEPT = `/** The leader sends the missing entries to each peer with a vacant seat. */
export const a = 1`

/** Plain words: the subject of a sentence is a noun of the code. */
export const plainWords: Rule = {
    name: 'names the nouns: few pronouns in comments and documents',
    check,
    broken: [{
        files: { 'src/paxos/a.ts': BROKEN },
        says: [
            'src:1: 63.64 pronouns in 100 words, 5.5 are the most; most in src/paxos/a.ts:1'
        ]
    }, {
        files: { 'README.md': '# Kibitz\n\nNobody reads the entries of a log before the leader.' },
        says: [
            'README.md:1: 10.00 pronouns in 100 words, 5 are the most; most in README.md:3',
            'README.md:1: 10.00 persons in 100 words, 0.1 are the most; most in README.md:3'
        ]
    }],
    kept: [
        { 'src/paxos/a.ts': `${KEPT}\n// Not this one.\nconst it = 'who nobody that this those'` },
        { 'src/paxos/README.md': 'The members agree.\n\n```js\n// who it that this these\n```' }
    ]
}
