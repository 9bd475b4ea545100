import type { Call } from '../../http-wire.ts'
import { pathOf, type Limits, type Said } from '../api-answer.ts'
import type { Access } from '../platform.ts'
import { createApiCall } from './api-call.ts'

export type MidigatorPreventionApi = ReturnType<typeof createMidigatorPreventionApi>

/** Midigator's Prevention API 1.0.0: what became of an alert, told once. */
export function createMidigatorPreventionApi({ url, http }: { url: string; http: { call: Call } }) {
  const call = createApiCall(url, http)
  return {
    /** Sends a resolution as it was stored: `bodyText` goes out byte for byte. Never throws, never tries again. */
    resolve: (access: Access, guid: string, bodyText: string, limits: Limits): Promise<Said<never>> =>
      call(
        access,
        {
          method: 'POST',
          path: pathOf('prevention', guid, 'resolution'),
          body: bodyText,
          secret: descriptionIn(bodyText),
        },
        limits,
      ),
  }
}

/** The only part of a resolution that a person may have written; its type is no secret. */
function descriptionIn(bodyText: string): unknown {
  try {
    return (JSON.parse(bodyText) as { other_description?: unknown }).other_description
  } catch {
    return undefined
  }
}
