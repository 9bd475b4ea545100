import { expect, it } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { createAlertHooks } from '../../src/platforms/index.ts'
import { useAlertLines } from './alert-line.ts'
import { describePlatform } from './platform-suite/index.ts'
import { chargebackhit } from './platform-suite/chargebackhit.ts'
import { midigator } from './platform-suite/midigator.ts'

/** A new platform is one line more. */
const PLATFORMS = [midigator, chargebackhit]

const open = useAlertLines()
for (const platform of PLATFORMS) describePlatform(platform, open)

it('every platform that has a door passes the suite', () => {
  const nothing = { findOrder: async () => null, readEvidence: async () => ({ order: null, earlier: [] }) }
  const doors = [...createAlertHooks(parseConfig({}, []), nothing).keys()]
  expect(PLATFORMS.map(({ name }) => name)).toEqual(doors)
})
