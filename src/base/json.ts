/** A JSON value. A field with the value `undefined` counts as absent. */
export type Json =
    | string
    | number
    | boolean
    | null
    | readonly Json[]
    | { readonly [key: string]: Json | undefined }

/** Types whose values are not plain data. */
type Opaque =
    | undefined
    | bigint
    | symbol
    | Date
    | RegExp
    | ReadonlyMap<unknown, unknown>
    | ReadonlySet<unknown>
    | ArrayBufferView
    | ArrayBufferLike
    | PromiseLike<unknown>
    | ((...given: never) => unknown)
    | (abstract new (...given: never) => unknown)

/** A field of an object may be absent. An item of a list may not. */
type JsonField<Value, Key extends keyof Value> = Value extends readonly unknown[]
    ? JsonOf<Value[Key]>
    : JsonOf<Exclude<Value[Key], undefined>>
        | (undefined extends Value[Key] ? undefined : never)

/**
 * The type itself if all its values are JSON; otherwise the type with `never` in the place of each
 * part that JSON cannot hold. Accepts interfaces, which have no index signature.
 */
export type JsonOf<Value> = unknown extends Value
    ? unknown
    : Value extends Json
      ? Value
      : Value extends Opaque
        ? never
        : { readonly [Key in keyof Value]: JsonField<Value, Key> }

/** Adds a field that no argument has, unless all values of the type are JSON. */
export type JsonCheck<Body> = [Body] extends [JsonOf<Body>]
    ? unknown
    : { readonly bodyMustBeJson: JsonOf<Body> }
