import { readFileSync } from 'node:fs'

/** The files of the page. */
export interface PageFiles {
    readonly script: string
    readonly style: string
}

/** The folder of the bundled page. The build writes the page into the compiled package. */
function folder(): URL {
    return new URL('dist/inspect/', import.meta.resolve('kibitz/package.json'))
}

/** Reads the bundled page. Disk errors are passed on. */
export function readPage(): PageFiles {
    return {
        script: readFileSync(new URL('page.js', folder()), 'utf8'),
        style: readFileSync(new URL('page.css', folder()), 'utf8')
    }
}

/** A text inside of HTML. */
export function escapeHtml(text: string): string {
    return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** The document around the page. `head` and `body` are HTML. */
export function documentOf(title: string, head: string, body: string): string {
    return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
${head}
</head>
<body>
<div id="page"></div>
${body}
</body>
</html>
`
}
