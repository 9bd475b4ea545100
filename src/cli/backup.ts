import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { AppError } from '../errors.ts'
import { checkBackup, restoreBackup, writeBackup } from '../ops/backup.ts'
import { writeExport } from '../ops/export.ts'
import { cliUser } from './cli-user.ts'
import { print, printJson } from './print.ts'
import { progressBar } from './progress-bar.ts'
import { withDeps } from './with-deps.ts'

interface RestoreFlags {
  replace?: boolean
  yes?: boolean
  json?: boolean
}

/** `backup`, `restore` and `export`: everything of the namespace in a file. */
export function addBackup(program: Command): void {
  program
    .command('backup')
    .description(
      'write everything that is stored into a new file, from which restore puts it back; the daemons may run',
    )
    .argument('<file>', 'a file that does not exist yet; it is readable for this user alone')
    .option('--json', 'print JSON')
    .action(backup)
  const restore = program
    .command('restore')
    .description('put a backup in place of what is stored, and hold it in quarantine; the daemons must not run')
    .argument('<file>', 'a file that backup has written')
    .option('--replace', 'delete what is stored')
    .option('--yes', 'with --replace: do not ask')
    .option('--json', 'print JSON')
    .action((file: string, flags: RestoreFlags) => {
      if (flags.replace === true && flags.yes !== true && !process.stdin.isTTY) restore.error('error: expected --yes, because there is no terminal to ask') // prettier-ignore
      return putBack(file, flags)
    })
  program
    .command('export')
    .description('write orders, cases and refunds into a new file, one JSON object a line; it holds personal data')
    .argument('<file>', 'a file that does not exist yet; it is readable for this user alone')
    .option('--json', 'print JSON')
    .action(exportAll)
}

async function backup(file: string, { json = false }: { json?: boolean }): Promise<void> {
  const by = cliUser()
  const { VERSION } = await import('../deps.ts')
  const result = await withDeps(async deps => {
    const bar = progressBar(!json, await deps.backups.count(), 'keys')
    return writeBackup(deps, { file, version: VERSION, by }, keys => bar.update(keys)).finally(() => bar.stop())
  })
  if (json) return printJson(result)
  print(`${result.keys} keys are in ${file}, as of ${result.at}. The file holds personal data, and no secrets.`)
}

async function putBack(file: string, { replace = false, yes = false, json = false }: RestoreFlags): Promise<void> {
  const by = cliUser()
  const checked = await checkBackup(file)
  const result = await withDeps(async deps => {
    if (replace && !yes && !(await isMeant(deps.config.REDIS_NAMESPACE)))
      throw new AppError('not-confirmed', 'nothing was deleted or restored')
    const bar = progressBar(!json, checked.keys, 'keys')
    const onProgress = (keys: number) => bar.update(keys)
    return restoreBackup(deps, checked, { replaces: replace, by, onProgress }).finally(() => bar.stop())
  })
  if (json) printJson(result)
  else print(result.says)
}

async function isMeant(namespace: string): Promise<boolean> {
  const dialogue = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const question = `Everything that is stored is deleted. Type the namespace (${namespace}) to restore the backup: `
    return (await dialogue.question(question)).trim() === namespace
  } finally {
    dialogue.close()
  }
}

async function exportAll(file: string, { json = false }: { json?: boolean }): Promise<void> {
  const by = cliUser()
  const counts = await withDeps(async deps => {
    const { orders } = await deps.orders.counts()
    const bar = progressBar(!json, orders, 'records')
    return writeExport(deps, { file, by }, records => bar.update(records)).finally(() => bar.stop())
  })
  if (json) return printJson(counts)
  print(`${counts.orders} orders, ${counts.cases} cases and ${counts.refunds} refunds are in ${file}. The file holds personal data.`) // prettier-ignore
}
