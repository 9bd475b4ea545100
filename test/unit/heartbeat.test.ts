import {
  chmodSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir, uptime } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { heartbeatFolder, openHeartbeat, readHeartbeats } from '../../src/heartbeat.ts'

const { TMPDIR } = process.env
let folder: string
let ours: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'heartbeat-'))
  process.env.TMPDIR = folder
  ours = join(folder, `order-sync-${process.getuid!()}`)
})
afterEach(() => {
  if (TMPDIR === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = TMPDIR
  rmSync(folder, { recursive: true, force: true })
})

describe('a heartbeat', () => {
  it('is a file of its process, in a folder of its user alone, and gone with the daemon', () => {
    const [ingress, ops] = [openHeartbeat('ingress'), openHeartbeat('ops')]
    ingress.beat()
    ops.beat()
    expect(lstatSync(ours).mode & 0o777).toBe(0o700)
    expect(readdirSync(ours).toSorted()).toEqual([`ingress-${process.pid}`, `ops-${process.pid}`])
    expect(lstatSync(join(ours, `ops-${process.pid}`)).mode & 0o777).toBe(0o600)
    expect(readHeartbeats()).toMatchObject([
      { daemon: 'ingress', pid: process.pid, ageMs: expect.any(Number) },
      { daemon: 'ops' },
    ])
    ingress.end()
    ops.end()
    expect(readHeartbeats()).toEqual([])
  })

  it('ages by the time the machine runs, whatever its clock says', () => {
    openHeartbeat('ops').beat()
    writeFileSync(join(ours, `ops-${process.pid}`), String(uptime() - 90))
    expect(readHeartbeats()[0]!.ageMs).toBeGreaterThanOrEqual(90_000)
  })

  it('follows no link that stands in its place', () => {
    const target = join(folder, 'precious')
    writeFileSync(target, 'kept')
    const [ingress, ops] = [openHeartbeat('ingress'), openHeartbeat('ops')]
    symlinkSync(target, join(ours, `ingress-${process.pid}`))
    symlinkSync(target, join(ours, `ops-${process.pid}.new`))
    expect(readHeartbeats()).toEqual([])
    ingress.beat()
    expect(() => ops.beat()).toThrow('ELOOP')
    expect(readHeartbeats()).toMatchObject([{ daemon: 'ingress' }])
    expect(readFileSync(target, 'utf8')).toBe('kept')
  })

  it('is never found empty while it is written', () => {
    const ops = openHeartbeat('ops')
    ops.beat()
    const held = openSync(join(ours, `ops-${process.pid}`), 'r')
    ops.beat()
    // What a reader opened before is a whole heartbeat still: the next one is another file.
    expect(Number(readFileSync(held, 'utf8'))).toBeGreaterThan(0)
    closeSync(held)
    expect(readHeartbeats()).toMatchObject([{ daemon: 'ops' }])
    expect(readdirSync(ours)).toEqual([`ops-${process.pid}`])
  })

  it.each([
    ['a link to a folder', () => (mkdirSync(join(folder, 'other')), symlinkSync(join(folder, 'other'), ours))],
    ['a folder that others may write to', () => (mkdirSync(ours), chmodSync(ours, 0o777))],
    ['a file', () => writeFileSync(ours, '')],
  ])('is not written where %s was put before it', (_name, plant) => {
    plant()
    expect(heartbeatFolder).toThrow('is not a folder that only this user can write to; remove it, or set TMPDIR')
  })

  it('of a process that ended is nothing, and is removed by the next daemon', () => {
    mkdirSync(ours, { mode: 0o700 })
    const left = join(ours, 'alerts-4194305')
    writeFileSync(left, String(uptime()))
    expect(readHeartbeats()).toEqual([])
    openHeartbeat('ops')
    expect(existsSync(left)).toBe(false)
  })
})
