import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../..')
/** Ignored by Git and by every tool; inside the project, so that its packages are found. */
const FOLDER = join(ROOT, '.order-sync')
const OPTIONS = '--ignoreConfig --noCheck --target es2023 --module nodenext --types node --resolveJsonModule'
const REWRITE = '--verbatimModuleSyntax --rewriteRelativeImportExtensions'

/**
 * Compiles the program once for the whole run, for processes that tests start: loading TypeScript through tsx is more
 * than half of what such a start costs. Answers what deletes it again.
 *
 * Where it is comes as `ORDER_SYNC_BUILT`; without it, outside `vitest`, processes run from the sources.
 */
export default async function buildDaemons(): Promise<() => Promise<void>> {
  await mkdir(FOLDER, { recursive: true, mode: 0o700 })
  const built = await mkdtemp(join(FOLDER, 'tests-'))
  const workers = (await readdir(join(ROOT, 'workers'))).map(file => join('workers', file))
  const args = [...OPTIONS.split(' '), ...REWRITE.split(' '), '--rootDir', '.', '--outDir', built]
  await promisify(execFile)(join(ROOT, 'node_modules/.bin/tsc'), [...args, 'src/cli/main.ts', ...workers], {
    cwd: ROOT,
  })
  for (const path of ['package.json', 'src/store/lua'])
    await cp(join(ROOT, path), join(built, path), { recursive: true })
  process.env.ORDER_SYNC_BUILT = built
  return () => rm(built, { recursive: true, force: true })
}
