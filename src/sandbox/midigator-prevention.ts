import type { FastifyInstance } from 'fastify'
import type { Alerts } from './alerts.ts'
import type { ApiTokens } from './api-tokens.ts'
import type { Outcome } from './exchange.ts'
import { resolutionBody } from './resolutions.ts'
import type { ResolutionAttempt, Resolutions, Words } from './resolutions.ts'
import { bearerOf, membersOf, refuseStrays, refused, takeCall } from './vendor-call.ts'
import type { Desk } from './vendor-call.ts'

interface MidigatorPreventionOptions {
  desk: Desk
  tokens: ApiTokens
  alerts: Alerts
  /** Whether the same words once more are answered 200, or 400: the reference does not say. */
  repeated: 'accept' | 'refuse'
}

function wordsOf(body: unknown): string {
  const { resolution_type, other_description } = membersOf(body)
  return `resolution_type ${JSON.stringify(resolution_type ?? null)}, other_description ${JSON.stringify(other_description ?? null)}`
}

/** Midigator's Prevention API after its reference: an alert's one resolution, of which the first accepted stands. */
export function midigatorPrevention(app: FastifyInstance, options: MidigatorPreventionOptions, done: () => void): void {
  const { desk, tokens, alerts, repeated } = options
  refuseStrays(app, desk.inbox, path => (path.endsWith('/resolution') ? 'resolution' : 'other'))

  function judge(resolutions: Resolutions, words: Words, attempt: ResolutionAttempt): Outcome {
    const judged = resolutions.judge(words)
    if (judged === 'conflict') {
      resolutions.conflict(attempt)
      return refused(400, 'the alert is already resolved, with another resolution')
    }
    if (judged === 'repeated' && repeated === 'refuse') {
      attempt.outcome = 'refused'
      return refused(400, 'the alert is already resolved')
    }
    return { status: 200, body: { ...words }, commit: () => resolutions.take(words, attempt) }
  }

  function serve(guid: string, body: unknown, attempt: ResolutionAttempt | undefined): Outcome {
    if (attempt) attempt.outcome = 'refused'
    const resolutions = alerts.find(guid)?.resolutions
    if (!resolutions || !attempt) return refused(400, `prevention_guid "${guid}" names no alert`)
    const read = resolutionBody.safeParse(body)
    if (!read.success) return refused(400, `${wordsOf(body)}: ${read.error.issues[0]?.message ?? 'not valid'}`)
    attempt.outcome = 'lost'
    return judge(resolutions, read.data, attempt)
  }

  app.post<{ Params: { guid: string } }>('/prevention/:guid/resolution', (request, reply) => {
    const { body } = request
    const { guid } = request.params
    const token = bearerOf(request)
    const attempt = alerts.find(guid)?.resolutions.attempt(membersOf(body))
    const guarded = (): Outcome => {
      if (token !== undefined && tokens.has(token)) return serve(guid, body, attempt)
      if (attempt) attempt.outcome = 'refused'
      return refused(401, token === undefined ? 'authorization is required' : `authorization "${token}" is not valid`)
    }
    const revoke = (): void => {
      if (token !== undefined) tokens.revoke(token)
    }
    takeCall(desk, request, reply, {
      name: 'resolution',
      guid,
      payload: body ?? null,
      words: wordsOf(body),
      revoke,
      serve: guarded,
    })
  })
  done()
}
