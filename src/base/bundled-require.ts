/**
 * The packages that kibitz depends on are CommonJS and require builtins such as `util`. A bundler
 * that writes one ECMAScript module (esbuild) keeps these calls, and no `require` exists in such a
 * module: the bundle would end with "Dynamic require of "util" is not supported". So a `require`
 * for builtins exists globally while these packages are loaded, and no longer.
 *
 * Loading a module is synchronous. No other code sees the function, except a package of kibitz.
 * Where a module has its own `require` (Node, or a bundle in CommonJS), no call reaches this one.
 */
function requireBuiltin(name: string): object {
    const found = process.getBuiltinModule(name)
    if (found === undefined) {
        throw new Error(`kibitz: a bundle requires ${name}, which is no builtin module`)
    }
    return found
}

const isNeeded = !('require' in globalThis)

if (isNeeded) {
    Object.assign(globalThis, { require: requireBuiltin })
}

/** Removes the global `require` after the packages have been loaded. */
export function endRequire(): void {
    if (isNeeded) {
        Reflect.deleteProperty(globalThis, 'require')
    }
}
