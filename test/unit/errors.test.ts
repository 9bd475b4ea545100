import { describe, expect, it } from 'vitest'
import { AppError, ERROR_KINDS, ERRORS, statusOf } from '../../src/errors.ts'

describe('the registry of errors', () => {
  it('names the next move, one status each', () => {
    expect(Object.entries(ERROR_KINDS).map(([kind, { status }]) => [kind, status])).toEqual([
      ['invalid', 422],
      ['unverified', 401],
      ['denied', 403],
      ['conflict', 409],
      ['throttled', 429],
      ['transient', 503],
      ['rejected', 502],
      ['uncertain', 504],
      ['bug', 500],
    ])
  })

  it('says in a sentence what each means', () => {
    for (const { meaning } of [...Object.values(ERROR_KINDS), ...Object.values(ERRORS)])
      expect(meaning).toMatch(/^[A-Z].+\.$/)
  })

  it('has one spelling for every code, and the status of its kind unless HTTP has a better one', () => {
    for (const code of Object.keys(ERRORS)) expect(code).toMatch(/^[a-z]+(-[a-z0-9]+)*$/)
    expect([statusOf('contended'), statusOf('not-found'), statusOf('redis-away')]).toEqual([409, 404, 503])
  })

  it('an error carries its kind, its code, and how long to wait where that was said', () => {
    const cause = new Error('below')
    const error = new AppError('too-many-logins', 'too many at once', { cause, retryAfterMs: 5 })
    expect(error).toMatchObject({
      name: 'AppError',
      kind: 'throttled',
      code: 'too-many-logins',
      retryAfterMs: 5,
      cause,
    })
    expect(error).toBeInstanceOf(Error)
    expect(error.message).toBe('too many at once')
    expect(new AppError('bug', 'y').retryAfterMs).toBeUndefined()
    expect(new AppError('bug', 'y')).not.toHaveProperty('cause')
  })
})
