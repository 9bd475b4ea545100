import { run } from './run.ts'

// Whoever reads our output may have had enough of it (`| head`).
process.stdout.on('error', () => process.exit(0))

await run(process.argv.slice(2))
