import { runDaemon } from '../src/daemon.ts'
import { startScheduler } from '../src/queue/start-jobs.ts'

await runDaemon('scheduler', startScheduler)
