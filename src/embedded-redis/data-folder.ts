import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { AppError } from '../errors.ts'
import { isAlive } from '../is-alive.ts'

const CLAIM_FILE = 'in-use.json'
/** Longer than the keeper gives a server whose owner was killed. */
const ENDING_MS = 6_000
/** A claim is written at one stroke; what cannot be read for this long was cut short by a crash. */
const UNREADABLE_MS = 1_000
/** A claim younger than this may belong to a server that does not listen yet. */
const STARTING_MS = 30_000

type Claim = { ownerPid: number; claimedAtMs: number; server?: { pid: number; port: number } }

/** Our hold on a data folder. */
export interface FolderClaim {
  /** Notes which server uses the folder, so that others can tell whether it lives. */
  record: (server: { pid: number; port: number }) => void
  /** Gives the folder free; harmless when it is another's by now. */
  release: () => void
}

/**
 * Claims a data folder for one server, making the folder when it is missing. A claim whose server is gone is taken
 * over; a server whose owner was killed is waited for while it ends. Throws `redis-folder-in-use`.
 */
export async function claimFolder(folder: string): Promise<FolderClaim> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, CLAIM_FILE)
  const mine: Claim = { ownerPid: process.pid, claimedAtMs: Date.now() }
  const startedAt = performance.now()
  while (!createOnly(file, mine)) {
    const text = readOrEmpty(file)
    const state = await stateOf(text)
    const waitedMs = performance.now() - startedAt
    if (state === 'gone' || (state === 'unreadable' && waitedMs > UNREADABLE_MS)) removeIfStill(file, text)
    else if (state === 'living' || waitedMs > ENDING_MS) throw inUse(folder, file)
    else await pause(50)
  }
  return {
    record: server => {
      writeFileSync(`${file}.new`, JSON.stringify({ ...mine, server }))
      renameSync(`${file}.new`, file)
    },
    release: () => {
      const now = parse(readOrEmpty(file))
      if (now?.ownerPid === mine.ownerPid && now.claimedAtMs === mine.claimedAtMs) rmSync(file, { force: true })
    },
  }
}

async function stateOf(text: string): Promise<'living' | 'ending' | 'gone' | 'unreadable'> {
  const claim = parse(text)
  if (!claim) return 'unreadable' // Being written, or cut short by a crash.
  const ownerLives = isAlive(claim.ownerPid)
  const isYoung = Date.now() - claim.claimedAtMs < STARTING_MS
  if (!claim.server) return ownerLives && isYoung ? 'living' : 'gone'
  if (!isAlive(claim.server.pid)) return 'gone'
  // Process ids are used again: after a crash of the machine the number may be another program's.
  if (!isYoung && !(await listens(claim.server.port))) return 'gone'
  return ownerLives ? 'living' : 'ending'
}

function createOnly(file: string, claim: Claim): boolean {
  try {
    writeFileSync(file, JSON.stringify(claim), { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** In one turn of the event loop, so that a claim made since the judgement is as good as never removed. */
function removeIfStill(file: string, judged: string): void {
  if (readOrEmpty(file) === judged) rmSync(file, { force: true })
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function parse(text: string): Claim | undefined {
  try {
    return JSON.parse(text) as Claim
  } catch {
    return undefined
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1_000 })
    const answer = (value: boolean) => (socket.destroy(), resolve(value))
    socket.once('connect', () => answer(true))
    socket.once('timeout', () => answer(false))
    socket.once('error', () => answer(false))
  })
}

function inUse(folder: string, file: string): AppError {
  const message = `The data folder ${folder} is in use by another embedded Redis (see ${file}); stop that one first.`
  return new AppError('redis-folder-in-use', message)
}
