import { describe, expect, it } from 'vitest'
import { AppError, ERROR_KINDS } from '../../src/errors.ts'

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
    for (const { meaning } of Object.values(ERROR_KINDS)) expect(meaning).toMatch(/^[A-Z].+\.$/)
  })

  it('an error carries its kind, its code, and how long to wait where that was said', () => {
    const cause = new Error('below')
    const error = new AppError('throttled', 'too-fast', 'too many at once', { cause, retryAfterMs: 5 })
    expect(error).toMatchObject({ name: 'AppError', kind: 'throttled', code: 'too-fast', retryAfterMs: 5, cause })
    expect(error).toBeInstanceOf(Error)
    expect(error.message).toBe('too many at once')
    expect(new AppError('bug', 'x', 'y').retryAfterMs).toBeUndefined()
    expect(new AppError('bug', 'x', 'y')).not.toHaveProperty('cause')
  })
})
