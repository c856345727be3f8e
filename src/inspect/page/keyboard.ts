import type { OverviewAnswer } from '../answers.js'
import { showAll, goTo, goToMember, step, stepBy, view, zoom } from './store.js'
import { changeTheme, FIND_ID, nextEntry, nextGap, nextGovernment } from './toolbar.jsx'

function edge(isLast: boolean): void {
    const { value } = step
    if (value !== null) {
        void goTo({ member: value.member, number: isLast ? value.last : value.first })
    }
}

/** The actions of the keys. */
function actionsOf(overview: OverviewAnswer): Readonly<Record<string, () => void>> {
    return {
        ArrowRight: () => void stepBy(1),
        ArrowLeft: () => void stepBy(-1),
        'Shift ArrowRight': () => void nextEntry(1),
        'Shift ArrowLeft': () => void nextEntry(-1),
        ArrowUp: () => void goToMember(-1),
        ArrowDown: () => void goToMember(1),
        ']': () => void nextGovernment(overview, 1),
        '[': () => void nextGovernment(overview, -1),
        g: () => nextGap(overview),
        '+': () => zoom(0.5),
        '-': () => zoom(2),
        0: showAll,
        Home: () => edge(false),
        End: () => edge(true),
        t: changeTheme,
        '?': () => {
            view.value = 'help'
        },
        '/': () => document.getElementById(FIND_ID)?.focus()
    }
}

/** Handles a key, unless the user is typing. */
export function onKey(event: KeyboardEvent, overview: OverviewAnswer): void {
    const { target, key, shiftKey } = event
    const isTyping = target instanceof HTMLElement && target.matches('input[type=text], '
        + 'input[type=search], select')
    if (isTyping && key === 'Escape') {
        target.blur()
    }
    if (isTyping || event.ctrlKey || event.metaKey || event.altKey) {
        return
    }
    const name = shiftKey && key.startsWith('Arrow') ? `Shift ${key}` : key
    const actions = actionsOf(overview)
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined
    if (action !== undefined) {
        event.preventDefault()
        action()
    }
}
