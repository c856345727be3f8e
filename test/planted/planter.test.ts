import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fileOf, parseScript, type Texts } from '../support/compiled.js'
import { Pattern } from './pattern.js'
import { changed, changeOf, type Edit, planted } from './planter.js'

const TEXTS: Texts = new Map([['rank/voters.js', `
import { ranked } from './rank.js';
export class Voters {
    #held = new Map();
    count(ballot) {
        // A comment (in parentheses).
        if (ballot === null || this.#held.size === 0) {
            return 0;
        }
        this.#held.delete('');
        return (ranked([...this.#held.values()]).length);
    }
    isEmpty = () => this.#held.size === 0;
}
export function quorum(size) { return Math.floor(size / 2) + 1; }
const half = (size) => size / 2;
`], ['rank/rank.js', `
export function ranked(positions) { return [...positions].sort(); }
function half(size) { return size >> 1; }
`]])

/** The text of the changed file. */
function after(...edits: readonly Edit[]): string {
    const [text = ''] = planted(edits, TEXTS).values()
    return text
}

function refuses(edit: Edit, reason: RegExp): void {
    assert.throws(() => changeOf(edit, TEXTS), reason)
}

describe('an edit', () => {
    test('finds a method, a field and a function by name in any file', () => {
        assert.match(after({ in: 'Voters.count', find: '_ === 0', to: 'false' }),
            /if \(ballot === null \|\| \(false\)\)/)
        assert.match(after({ in: 'Voters.isEmpty', find: '_ === 0', to: 'true' }),
            /isEmpty = \(\) => \(true\);/)
        assert.match(after({ in: 'quorum', find: '$half + 1', to: '$half' }),
            /return \(\(Math\.floor\(size \/ 2\)\)\);/)
        assert.match(after({ in: ['majority', 'quorum'], to: 'return 1;' }),
            /quorum\(size\) \{ return 1; \}/)
    })

    test('moves with a function to another file', () => {
        const edit = { in: 'quorum', find: '$half + 1', to: '$half' }
        const moved = new Map([...TEXTS].map(([file, text]) => [`other/${file}`, text]))
        assert.equal(changeOf(edit, moved).file, 'other/rank/voters.js')
    })

    test('replaces, inserts and removes statements', () => {
        const count = (find: string, to: string): string =>
            after({ in: 'Voters.count', find, to }).replaceAll(/\s+/g, ' ')
        assert.match(count('_.delete(_);', ''), /\} return \(ranked/)
        assert.match(count('_.delete(_);', '$found $found'), /(this\.#held\.delete\(''\); ?){2}/)
        assert.match(count('if ($a || $b) $then;', 'if ($b) $then'),
            /if \(\(this\.#held\.size === 0\)\) \{ return 0; \}/)
        assert.match(count('_.delete(_); $next;', '$next'), /\} return \(ranked/)
    })

    test('fills a hole from elsewhere in the function', () => {
        const edit = {
            in: 'Voters.count', find: '_ === null', where: ['$voters.delete(_)'],
            to: '$voters.size === 1'
        }
        assert.match(after(edit), /if \(\(\(this\.#held\)\.size === 1\) \|\|/)
        refuses({ ...edit, where: ['_.add(_)'] }, /voters\.js: 0 places match _ === null/)
    })

    test('decides between functions of one name', () => {
        assert.equal(changeOf({ in: 'half', find: '_ >> 1', to: '1' }, TEXTS).file, 'rank/rank.js')
        refuses({ in: 'half', find: '_ % 2', to: '1' }, /voters\.js and half in rank.*: 0 places/)
        refuses({ in: 'half', to: 'return 1;' }, /voters\.js and half in rank.*: 2 places match/)
    })

    test('fails if no function has the name', () => {
        refuses({ in: 'Voters.sum', find: '_', to: '1' }, /no function is called Voters\.sum/)
        refuses({ in: 'count', find: '_', to: '1' }, /no function is called count/)
    })

    test('fails if no place or several places match', () => {
        refuses({ in: 'quorum', find: '_ + 2', to: '1' }, /quorum in .*: 0 places match _ \+ 2/)
        refuses({ in: 'Voters.count', find: '_.held', to: '1' }, /: 3 places match _\.held/)
    })

    test('fails if nothing changes', () => {
        refuses({ in: 'quorum', find: '_ + 1', to: '$found' }, /quorum in .* stays the same/)
    })

    test('fails for a name that nothing declares', () => {
        refuses({ in: 'quorum', find: '_ + 1', to: 'count + 1' }, /knows no count$/)
        refuses({ in: 'quorum', find: '_ + 1', to: 'this.size' }, /knows no .*this/)
        refuses({ in: 'Voters.count', to: 'return this.sum();' }, /knows no this\.sum$/)
        refuses({ in: 'quorum', find: '_ + 1', to: 'size.half().sum' }, /knows no size.*\.sum$/)
        refuses({ in: 'quorum', find: '_ + 1', to: '$half' }, /nothing fills \$half/)
        const known = { in: 'Voters.count', to: 'const n = this.isEmpty(); return ranked([n]);' }
        assert.match(after(known), /const n/)
    })

    test('fails if the pattern or the result is no program', () => {
        refuses({ in: 'quorum', find: 'if (', to: '1' }, /if \( is no pattern/)
        refuses({ in: 'quorum', find: '', to: '1' }, /is no pattern/)
        assert.throws(() => after({ in: 'quorum', find: '_ + 1', to: '(' }), /no program any more/)
    })

    test('fails if the edit overlaps another edit', () => {
        const [inner, outer] = ['size / 2', '_ + 1'].map((find) =>
            changeOf({ in: 'quorum', find, to: '7' }, TEXTS))
        assert(inner !== undefined && outer !== undefined)
        assert.throws(() => changed([inner, outer], TEXTS), /two changes .* overlap/)
        assert.throws(() => changed([{ ...inner, file: 'none.js' }], TEXTS), /there is no none\.js/)
    })
})

describe('a pattern', () => {
    /** What the holes hold at each match. */
    function found(pattern: string, text: string): readonly Record<string, string>[] {
        return new Pattern(pattern).matches(parseScript('x.js', text))
            .map(({ holes }) => Object.fromEntries(holes))
    }

    test('matches a tree, not a text', () => {
        assert.equal(found("f('a', _.b)", 'f("a",\n    // Why.\n    (x?.#b))').length, 1)
        assert.equal(found('let a = 1;', 'const a = 1').length, 1)
        assert.equal(found('{ a: _ }', 'f({ a })').length, 1)
        assert.equal(found('a - b', 'a + b').length, 0)
        assert.equal(found('!a', '-a; ~a; a++').length, 0)
        assert.equal(found('a++', 'a--; ++a').length, 0)
    })

    test('has holes of one node, and of many', () => {
        assert.deepEqual(found('f($x, $$rest)', 'f(a.b, c, ...d); f(e)'),
            [{ $x: '(a.b)', $$rest: 'c, ...d' }, { $x: 'e', $$rest: '' }])
        assert.deepEqual(found('$a === $a', 'x.y === x.y; x === y'), [{ $a: '(x.y)' }])
        assert.deepEqual(found('{ $$before, a: $a, $$after }', 'f({ b, a: 1, c })'),
            [{ $$before: 'b', $a: '(1)', $$after: 'c' }])
        assert.deepEqual(found('for (const $x of _) { $$body }', 'for (const a of b) { c(); d() }'),
            [{ $x: 'a', $$body: 'c(); d()' }])
    })

    test('matches statements that follow each other', () => {
        const text = 'a(); b(); c(); a(); c()'
        assert.equal(found('a(); b();', text).length, 1)
        assert.equal(found('a(); $x; c();', text).length, 1)
        assert.equal(found('a(); $$x; c();', text).length, 2)
        assert.equal(found('return $x;', 'function f() { if (a) { return 1 } return 2 }').length, 2)
        assert.equal(found('b();', 'switch (a) { case 1: b(); default: b() }').length, 2)
    })

    test('does not match inside a match', () => {
        assert.deepEqual(found('$x && _', 'a && b && c'), [{ $x: '(a && b)' }])
    })
})

test('a file is found by the class or the function that the file declares', () => {
    assert.equal(fileOf('Voters', TEXTS), 'rank/voters.js')
    assert.equal(fileOf(['sorted', 'ranked'], TEXTS), 'rank/rank.js')
    assert.throws(() => fileOf('Ranks', TEXTS), /no file declares Ranks/)
    assert.throws(() => fileOf(['quorum', 'ranked'], TEXTS), /2 files declare quorum or ranked/)
})
