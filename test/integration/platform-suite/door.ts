import { describe, expect, it } from 'vitest'
import { dumpKeys } from '../../support/redis-dump.ts'
import type { AlertLine } from '../alert-line.ts'
import { isLong } from '../../support/long.ts'
import { capturesOf, withOddMembers } from './captures.ts'
import { caseIdOf, deliver, type Open, type Platform } from './platform.ts'

const DOOR_ONLY = { without: ['order-sync', 'alerts', 'scheduler'] } as const
const TOO_LARGE = 4 * 1024 * 1024 + 1

/** Who is let in by a platform's hook, and what of theirs is taken. */
export function describeDoor(platform: Platform, open: Open): void {
  describe('at its door', () => {
    const known = capturesOf(platform.name)[0]!.raw

    it('lets in who has the credentials', async () => {
      const line = await open({}, DOOR_ONLY)
      const { guid, events } = platform.raise(line, 'L-1')
      expect((await deliver(platform, line, events[0]!())).status).toBe(200)
      expect((await line.caseOf(caseIdOf(platform, guid))).kind).toBe('alert')
    })

    it('lets in nobody else, says the same to all of them, and keeps nothing', async () => {
      const answers = []
      for (const raw of [known, Buffer.from('{')]) {
        // Of one line for all of it, the address would have to wait after ten.
        const line = await open({}, DOOR_ONLY)
        for (const [why, headers] of Object.entries(platform.strangers(line, raw)))
          answers.push({ why, ...(await deliver(platform, line, raw, { headers })) })
        expect((await deliver(platform, line, '', { method: 'GET', headers: {} })).status).toBe(401)
        expect(await keptOf(line)).toEqual([])
      }
      expect(answers.filter(({ status }) => status !== 401).map(({ why }) => why)).toEqual([])
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    })

    it('is 503 where no credentials are configured, whoever calls', async () => {
      const line = await open(platform.unconfigured, DOOR_ONLY)
      const all = { ...platform.strangers(line, known), right: platform.credentials(line, known) }
      for (const [why, headers] of Object.entries(all))
        expect([why, (await deliver(platform, line, known, { headers })).status]).toEqual([why, 503])
      expect((await deliver(platform, line, '', { method: 'GET', headers: {} })).status).toBe(503)
      expect(await keptOf(line)).toEqual([])
    })

    it.runIf(isLong)(
      'takes an event of which one member, whichever, cannot be read, and makes the same cases',
      async () => {
        const line = await open({}, DOOR_ONLY)
        const captures = capturesOf(platform.name)
        for (const { raw } of captures) expect((await deliver(platform, line, raw)).status).toBe(200)
        const ids = (await keptOf(line)).toSorted()
        const odd = [{ a: 1 }, ['x'], true, 'x'.repeat(2_000), 'a\u0000b\ud800 ,']
        const sent = captures.flatMap(({ raw }) => withOddMembers(raw, platform.vital, odd))
        expect(sent.length).toBeGreaterThan(100)
        const refused: unknown[] = []
        for (const { member, raw } of sent) {
          const { status, text } = await deliver(platform, line, raw)
          if (status !== 200) refused.push({ member, status, text })
        }
        expect(refused).toEqual([])
        expect((await keptOf(line)).toSorted()).toEqual(ids)
      },
    )

    it.each([
      ['is cut short', Buffer.from('{'), 400],
      ['ends in the middle', known.subarray(0, known.length - 9), 400],
      ['is no JSON', Buffer.from('nonsense'), 400],
      ['goes on after its end', Buffer.concat([known, Buffer.from('}')]), 400],
      ['is not UTF-8', Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]), 400],
      ['is an array', Buffer.from('[]'), 422],
      ['is an array of events', Buffer.concat([Buffer.from('['), known, Buffer.from(']')]), 422],
      ['is null', Buffer.from('null'), 422],
      ['is a text', Buffer.from('"prevention.new"'), 422],
      ['is a number', Buffer.from('7'), 422],
      ['is too large', Buffer.from(`{"a":"${'x'.repeat(TOO_LARGE)}"}`), 413],
    ])('refuses a body that %s, in words, and makes no case of it', async (_what, raw, status) => {
      const line = await open({}, DOOR_ONLY)
      const answer = await deliver(platform, line, raw)
      expect(answer.status).toBe(status)
      expect(JSON.parse(answer.text)).toMatchObject({ code: expect.stringMatching(/./) as string, errors: [{ field: expect.stringMatching(/./) as string }] })
      expect(await keptOf(line)).toEqual([])
      expect(await line.deps.events.listUnread(9)).toMatchObject(status === 413 ? [] : [{ platform: platform.name }])
    }) // prettier-ignore
  })
}

/** What is kept of alerts and orders. */
async function keptOf({ deps }: AlertLine): Promise<string[]> {
  const all = await dumpKeys(deps.redis, `{${deps.config.REDIS_NAMESPACE}}:*`)
  return [...all.keys()].filter(key =>
    /}:(case(-log)?:|cases|order|refunds|refund-(owner|hour)|lookup)(?!-order)/.test(key),
  )
}
