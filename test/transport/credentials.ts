import { type Key, KeyRing } from '../../src/transport/security/keys.js'
import { SignedCall } from '../../src/transport/http/signature.js'

/** A header that announces a body under a key. */
export function credentials(
    key: Key, body: string, target: string = 'POST /kibitz', to: string = 'b:80'
): string {
    const bytes = Buffer.from(body)
    return SignedCall.begin(new KeyRing([key]), to, bytes)
        .credentials({ target, length: bytes.length })
}
