import { runDaemon } from '../src/daemon.ts'
import { startAlerts } from '../src/queue/start-jobs.ts'

await runDaemon('alerts', startAlerts)
