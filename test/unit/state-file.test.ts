import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs' // prettier-ignore
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStateFile } from '../../src/state-file.ts'

const of = (count: number, epoch = 'E') => ({ epoch, count, at: 1_000 + count })
let folder = ''
beforeEach(() => (folder = join(mkdtempSync(join(tmpdir(), 'state-')), 'made', 'here')))
afterEach(() => rmSync(join(folder, '../..'), { recursive: true, force: true }))

describe('the state file of a namespace', () => {
  it('keeps an epoch and a count for this user alone, over restarts', () => {
    const file = openStateFile(folder, 'shop')
    expect(file.read()).toBeNull()
    file.write(of(7))
    expect(openStateFile(folder, 'shop').read()).toEqual(of(7))
    expect(openStateFile(folder, 'other').read()).toBeNull()
    expect(statSync(file.path).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(readdirSync(folder)).toEqual(['shop.state.json'])
  })

  it('is shared by several processes: the count of an epoch only rises', () => {
    const [one, other] = [openStateFile(folder, 'shop'), openStateFile(folder, 'shop')]
    one.write(of(7))
    other.write(of(5))
    expect(one.read()).toEqual(of(7))
    other.write(of(2, 'F'))
    expect(one.read()).toEqual(of(2, 'F'))
  })

  it('is not written while another process writes; what that left behind is removed after a while', () => {
    const file = openStateFile(folder, 'shop')
    const fresh = `${file.path}.new`
    writeFileSync(fresh, '')
    file.write(of(7))
    expect(file.read()).toBeNull()
    expect(existsSync(fresh)).toBe(true)
    utimesSync(fresh, 1, 1)
    file.write(of(7))
    file.write(of(7))
    expect(file.read()).toEqual(of(7))
  })

  it('is followed through no link, and one that cannot be read is not taken for none', () => {
    const target = join(folder, '../target')
    const file = openStateFile(folder, 'shop')
    symlinkSync(target, file.path)
    writeFileSync(target, JSON.stringify({ v: 1, ...of(7) }))
    expect(() => openStateFile(folder, 'shop')).toThrow('ELOOP')
    // A new file takes the link's place.
    expect(() => file.write(of(8))).toThrow('ELOOP')
    expect(readFileSync(target, 'utf8')).toContain('"count":7')
    rmSync(file.path)
    writeFileSync(file.path, '{"v":1')
    expect(() => openStateFile(folder, 'shop')).toThrow('cannot be read')
  })

  it.skipIf(process.getuid?.() === 0)('needs a folder that can be written to', () => {
    openStateFile(folder, 'shop')
    chmodSync(folder, 0o500)
    expect(() => openStateFile(folder, 'shop')).toThrow('EACCES')
    chmodSync(folder, 0o700)
  })

  it('needs a folder where one can be made', () => {
    writeFileSync(join(folder, '../..', 'made'), '')
    expect(() => openStateFile(folder, 'shop')).toThrow('ENOTDIR')
  })
})
