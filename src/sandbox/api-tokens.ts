import { randomBytes } from 'node:crypto'

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

/** The bearer tokens of Midigator's newer APIs: JWTs by their shape, known by heart rather than by signature. */
export class ApiTokens {
  readonly #lifeMs: number
  readonly #expiresAt = new Map<string, number>()

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs
  }

  /** A token, not in force before `add`. Its `exp` is in whole seconds, so that it lives up to a second longer. */
  draft(): { token: string; expiresAt: number } {
    const [iat, exp] = [Math.floor(Date.now() / 1_000), Math.ceil((Date.now() + this.#lifeMs) / 1_000)]
    const header = encoded({ alg: 'HS256', typ: 'JWT' })
    const payload = encoded({ iss: 'sandbox', jti: randomBytes(8).toString('hex'), iat, exp })
    return { token: `${header}.${payload}.${randomBytes(32).toString('base64url')}`, expiresAt: exp * 1_000 }
  }

  add({ token, expiresAt }: { token: string; expiresAt: number }): void {
    for (const [old, endedAt] of this.#expiresAt) if (endedAt <= Date.now()) this.#expiresAt.delete(old)
    this.#expiresAt.set(token, expiresAt)
  }

  has(token: string): boolean {
    return (this.#expiresAt.get(token) ?? 0) > Date.now()
  }

  revoke(token: string): void {
    this.#expiresAt.delete(token)
  }

  revokeAll(): void {
    this.#expiresAt.clear()
  }
}
