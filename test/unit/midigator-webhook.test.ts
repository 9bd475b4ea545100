import { describe, expect, it } from 'vitest'
import { createMidigatorWebhook } from '../../src/platforms/midigator/webhook.ts'

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
})

describe("Midigator's credentials towards us", () => {
  it('are taken when they are one of the pairs, by position', () => {
    const webhook = createMidigatorWebhook({ usernames: ['new', 'old'], passwords: ['pass-1', 'pass:2 ü'] })
    expect(webhook.verify(basic('new', 'pass-1'))).toBe('ok')
    expect(webhook.verify(basic('old', 'pass:2 ü'))).toBe('ok')
    expect(webhook.verify(basic('old', 'pass-1'))).toBe('unverified')
    expect(webhook.verify(basic('new', 'pass:2 ü'))).toBe('unverified')
  })

  it('may be one user with several passwords', () => {
    const webhook = createMidigatorWebhook({ usernames: ['midigator'], passwords: ['one', 'two'] })
    expect(webhook.verify(basic('midigator', 'one'))).toBe('ok')
    expect(webhook.verify(basic('midigator', 'two'))).toBe('ok')
    expect(webhook.verify(basic('midigator', 'three'))).toBe('unverified')
  })

  it('let nobody in where none are configured', () => {
    for (const none of [
      { usernames: [], passwords: [] },
      { usernames: ['a'], passwords: [] },
      { usernames: [], passwords: ['b'] },
    ])
      expect(createMidigatorWebhook(none).verify(basic('', ''))).toBe('unconfigured')
  })

  it.each([
    undefined,
    '',
    'Basic',
    'Basic ',
    'Basic !!!!',
    'Bearer bWlkaWdhdG9yOm9uZQ==',
    `Basic ${Buffer.from('midigator').toString('base64')}`,
    `Basic ${Buffer.from(':one').toString('base64')}`,
    `Basic ${Buffer.from('midigator:').toString('base64')}`,
    `Basic ${Buffer.from('midigator:one ').toString('base64')}`,
    'Basic bWlkaWdhdG9yOm9uZQ== bWlkaWdhdG9yOm9uZQ==',
  ])('are not in the header %j', authorization => {
    const webhook = createMidigatorWebhook({ usernames: ['midigator'], passwords: ['one'] })
    expect(webhook.verify(authorization === undefined ? {} : { authorization })).toBe('unverified')
    expect(webhook.verify({ authorization: [authorization ?? ''] })).toBe('unverified')
  })

  it('are read whatever the case of the scheme', () => {
    const webhook = createMidigatorWebhook({ usernames: ['midigator'], passwords: ['one'] })
    expect(webhook.verify({ authorization: 'basic bWlkaWdhdG9yOm9uZQ==' })).toBe('ok')
  })
})
