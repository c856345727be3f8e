import type { RecipeSummary } from './parts.js'

/** The state of a member and of its parts. */
export interface RecipesStatus {
    readonly id: string
    readonly role: string
    readonly leader: string | null
    readonly parts: Readonly<Record<string, RecipeSummary>>
}

/** The longest line of the page, in characters. */
const LINE_LENGTH_MAX = 200

const ESCAPES: Readonly<Record<string, string>> = {
    '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;'
}

function escaped(text: string): string {
    return text.slice(0, LINE_LENGTH_MAX).replaceAll(/[&<>"']/g, (found) => ESCAPES[found] ?? '')
}

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 50rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #8884; padding: .4rem; text-align: left; vertical-align: top }
td { overflow-wrap: anywhere }
`

function rowOf([name, { kind, state, lines }]: [string, RecipeSummary]): string {
    const list = lines.map((line) => `<br>${escaped(line)}`).join('')
    return `<tr><th>${escaped(name)}</th><td>${kind}</td><td>${escaped(state)}${list}</td></tr>`
}

/** The status page. The page has no script, and loads itself again every five seconds. */
export function statusPage({ id, role, leader, parts }: RecipesStatus): string {
    return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
<meta name="viewport" content="width=device-width"><title>${escaped(id)}</title>
<style>${STYLE}</style></head><body>
<h1>${escaped(id)}</h1>
<p>Role: ${escaped(role)}. Leader: ${leader === null ? 'unknown' : escaped(leader)}.</p>
<table><tr><th>part</th><th>recipe</th><th>state at this member</th></tr>
${Object.entries(parts).map(rowOf).join('\n')}
</table></body></html>
`
}
