/**
 * Stands in for a Procession in the copy of the engine that is explored: a list that whoever
 * drives the engine empties after each input, so that there is nothing in it to be cloned.
 */
export default class Queue {
    readonly items: unknown[] = []

    push(item: unknown): void {
        this.items.push(item)
    }
}
