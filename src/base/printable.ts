/**
 * Characters that control a terminal or the order of the text on a terminal: controls but for the
 * line feed, format characters (bidirectional and zero-width marks, tags), line and paragraph
 * separators, and lone surrogates.
 */
const CONTROLS = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

function escaped(character: string): string {
    let text = ''
    for (let index = 0; index < character.length; index++) {
        text += `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`
    }
    return text
}

/**
 * A text that cannot control a terminal. Each control character becomes `\uXXXX`; JSON keeps its
 * meaning. Every published value, id and path passes through this function before a terminal
 * shows the text.
 */
export function printable(text: string): string {
    return text.replace(CONTROLS, escaped)
}
