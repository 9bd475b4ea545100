import type { Command } from 'commander'
import { addAccounts } from './chargebackhit-accounts.ts'
import { addAlerts } from './chargebackhit-alerts.ts'
import { addEnrolling } from './chargebackhit-enroll.ts'
import { addSimulation } from './chargebackhit-simulate.ts'

/** `chargebackhit`: what the platform holds of the account, and what can be asked of it. */
export function addChargebackhit(program: Command): void {
  const chargebackhit = program
    .command('chargebackhit')
    .description('alerts, merchants and enrolments at Chargebackhit: list, enrol, and test the integration')
    .addHelpText('after', '\nNeeds CHARGEBACKHIT_PUBLIC_KEY and CHARGEBACKHIT_SECRET_KEY. Every command has --json.')
  addAlerts(chargebackhit)
  addAccounts(chargebackhit)
  addEnrolling(chargebackhit)
  addSimulation(chargebackhit)
}
