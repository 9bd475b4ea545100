import { runDaemon } from '../src/daemon.ts'
import { startOrderSync } from '../src/queue/start-jobs.ts'

await runDaemon('order-sync', startOrderSync)
