import { describe } from 'vitest'
import { describeAnswers } from './answers.ts'
import { describeDoor } from './door.ts'
import { describeEvents } from './events.ts'
import type { Open, Platform } from './platform.ts'

/** Everything that is asked of every platform that sends alerts, over the real ingress and the real sandbox. */
export function describePlatform(platform: Platform, open: Open): void {
  describe(`the platform ${platform.name}`, () => {
    describeDoor(platform, open)
    describeEvents(platform, open)
    describeAnswers(platform, open)
  })
}
