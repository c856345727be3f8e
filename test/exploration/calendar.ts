/** What is due at a time. */
export interface Due {
    readonly when: number
    readonly key: string
    readonly body: string
}

/**
 * Stands in for happenstance's Scheduler in the copy of the engine that is explored: the same
 * answers out of a flat map, which clones and compares well. It says nothing of its own accord.
 */
export class Scheduler {
    readonly appointments: Map<string, Due> = new Map()

    schedule(when: number, key: string, body: string): void {
        this.appointments.set(key, Object.freeze({ when, key, body }))
    }

    unschedule(key: string): void {
        this.appointments.delete(key)
    }

    calendar(): readonly Due[] {
        return [...this.appointments.values()].sort((one, other) => one.when - other.when)
    }

    when(key: string): number | null {
        return this.appointments.get(key)?.when ?? null
    }

    next(): number | null {
        const instants = [...this.appointments.values()].map(({ when }) => when)
        return instants.length === 0 ? null : Math.min(...instants)
    }
}
