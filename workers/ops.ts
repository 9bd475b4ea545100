import { runDaemon } from '../src/daemon.ts'
import { startOps } from '../src/http/start-ops.ts'

await runDaemon('ops', startOps)
