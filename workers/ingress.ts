import { runDaemon } from '../src/daemon.ts'
import { startIngress } from '../src/http/start-ingress.ts'

await runDaemon('ingress', startIngress)
