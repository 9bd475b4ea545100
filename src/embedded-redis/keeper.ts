import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'

/**
 * Runs "$@" and ends it when standard input ends, which the kernel sees to even when our process is killed with -9.
 * $1 is a folder to delete afterwards, or empty. Prints the process id of the server, whose output goes to stderr;
 * after that the shell itself must print nothing ("Terminated"), for once we are gone SIGPIPE would end it too early.
 */
const KEEPER = `
folder=$1
shift
exec 3<&0
"$@" </dev/null >&2 3<&- &
server=$!
trap 'kill -TERM "$server"' TERM HUP
echo "$server"
exec >/dev/null 2>&1
(
  trap - TERM HUP
  while read -r line; do :; done <&3
  kill -TERM "$server"
  seconds=0
  while kill -0 "$server" && [ "$seconds" -lt 3 ]; do
    sleep 1
    seconds=$((seconds + 1))
  done
  kill -KILL "$server"
) &
watcher=$!
exec 3<&-
while kill -0 "$server"; do wait "$server"; done
kill "$watcher"
wait "$watcher"
if [ -n "$folder" ]; then rm -rf "$folder"; fi
`
const LOG_LINES = 12

/** A server that runs under the keeper. */
export interface KeptServer {
  pid: number
  /** Settles when both the server and its keeper are gone; never rejects. */
  ended: Promise<void>
  hasEnded(): boolean
  /** The last lines the server wrote. */
  lastLog(): string
  /** Whether waiting for it keeps our process alive. */
  holdProcess(hold: boolean): void
}

/**
 * Starts `command` in a session of its own, so that the terminal's Ctrl-C does not reach it, under a small shell that
 * ends it when this process ends in whatever way. `removeFolder` is deleted once the server is gone.
 */
export async function keep(command: string[], removeFolder = ''): Promise<KeptServer> {
  const child = spawn('/bin/sh', ['-c', KEEPER, 'order-sync-redis', removeFolder, ...command], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const log: string[] = []
  createInterface({ input: child.stderr }).on('line', line => void (log.push(line) > LOG_LINES && log.shift()))
  child.stdin.on('error', () => {}) // Nothing is ever written: a keeper that is gone shows in `close`.
  let hasEnded = false
  const ended = new Promise<void>(resolve => child.once('close', () => resolve(void (hasEnded = true))))
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    createInterface({ input: child.stdout }).once('line', line => resolve(Number(line)))
    void ended.then(() => reject(new Error('the shell that keeps Redis ended at once')))
  })
  const handles = [child, child.stdin, child.stdout, child.stderr] as unknown as Socket[]
  return {
    pid,
    ended,
    hasEnded: () => hasEnded,
    lastLog: () => log.join('\n'),
    holdProcess: hold => handles.forEach(handle => (hold ? handle.ref() : handle.unref())),
  }
}
