import { randomBytes } from 'node:crypto'

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

const letters = (count: number): string => [...randomBytes(count)].map(byte => ALPHABET[byte % 64]).join('')

/** A token shaped like the vendor's example: crypt-like, always with `$` and `/`, so never safe in a URL or a shell. */
export function newToken(): string {
  const rounds = 100_000 + randomBytes(2).readUInt16BE()
  return `$6$rounds=${rounds}$${letters(10)}/${letters(5)}$${letters(42)}/`
}

/** The tokens in force. They do not expire; older ones stay valid unless `revokeOnAuth` is set. */
export class Tokens {
  revokeOnAuth: boolean
  readonly #valid = new Set<string>()

  constructor(revokeOnAuth: boolean) {
    this.revokeOnAuth = revokeOnAuth
  }

  add(token: string): void {
    if (this.revokeOnAuth) this.#valid.clear()
    this.#valid.add(token)
  }

  has(token: string): boolean {
    return this.#valid.has(token)
  }

  revoke(token: string): void {
    this.#valid.delete(token)
  }

  revokeAll(): void {
    this.#valid.clear()
  }
}
