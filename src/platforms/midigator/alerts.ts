import type { Resolution } from '../../domain/case/log.ts'
import type { AlertPlatform, PlatformService } from '../platform.ts'
import type { MidigatorEventsApi } from './events-api.ts'
import type { MidigatorPreventionApi } from './prevention-api.ts'

export interface MidigatorAlertsParts {
  eventsService: PlatformService
  preventionService: PlatformService
  events: MidigatorEventsApi
  prevention: MidigatorPreventionApi
}

/** Midigator's alerts: asked about through its Events API, answered through its Prevention API. */
export const createMidigatorAlerts = (parts: MidigatorAlertsParts): AlertPlatform => ({
  name: 'midigator',
  asking: parts.eventsService,
  answering: parts.preventionService,
  ask: (access, { kind, guid }, limits) => {
    switch (kind) {
      case 'alert':
        return parts.events.prevention(access, guid, limits)
      case 'chargeback':
        return parts.events.chargeback(access, guid, limits)
      case 'request':
        return parts.events.order(access, guid, limits)
    }
  },
  answer: (access, { guid }, resolution, limits) => parts.prevention.resolve(access, guid, bodyOf(resolution), limits),
})

/** Prevention API, "resolution": the same bytes for the same words. */
const bodyOf = ({ type, description }: Resolution): string =>
  JSON.stringify({ resolution_type: type, other_description: description })
