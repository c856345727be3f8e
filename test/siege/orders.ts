import type { Key } from '../../src/transport/security/keys.js'
import type { Issued } from '../transport/authority.js'

/** The surroundings of the member under siege. */
export interface Order {
    readonly transport: 'http' | 'tcp'
    readonly folder: string
    readonly keys?: readonly Key[] | undefined
    readonly tls?: Issued | undefined
    /** Time limits in milliseconds; long, since a machine under load is slow. */
    readonly patience: { readonly timeout: number, readonly callTimeout: number }
}

/** The resources of the member under siege after a publish. */
export interface Report {
    readonly descriptors: number
    /** In MiB. */
    readonly memoryMax: number
    readonly rejected: Readonly<Record<string, number>>
    readonly failure: string | null
}
