import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

type Manifest = {
  name: string
  version: string
  bin: Record<string, string>
  files: string[]
  scripts: Record<string, string>
  dependencies: Record<string, string>
  devDependencies: Record<string, string>
}
type Locked = { version?: string; bin?: Record<string, string>; optionalDependencies?: Record<string, string> }

const root = resolve(import.meta.dirname, '../..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
const lock = (JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> })
  .packages

describe('package.json', () => {
  it('names a command that exists, may be run, and is packed', () => {
    const command = manifest.bin['order-sync'] ?? ''
    accessSync(join(root, command), constants.X_OK)
    expect(readFileSync(join(root, command), 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
    expect(manifest.files.some(entry => command.startsWith(`${entry}/`))).toBe(true)
  })

  it('packs only what exists', () => {
    expect(manifest.files.filter(entry => !existsSync(join(root, entry)))).toEqual([])
  })

  it('has a file behind every script that runs one', () => {
    const scripts = Object.values(manifest.scripts).flatMap(script => script.match(/\S+\.(?:js|ts)\b/g) ?? [])
    expect(scripts.length).toBeGreaterThan(0)
    expect(scripts.filter(file => !existsSync(join(root, file)))).toEqual([])
  })

  it('needs nothing but its dependencies to run TypeScript', () => {
    expect(manifest.dependencies).toHaveProperty('tsx')
  })
})

describe('package-lock.json', () => {
  it('belongs to this package.json', () => {
    expect(lock['']).toMatchObject({
      name: manifest.name,
      version: manifest.version,
      bin: manifest.bin,
      dependencies: manifest.dependencies,
      devDependencies: manifest.devDependencies,
    })
  })

  it('lists the builds for every system, also those this machine cannot use, or npm ci refuses it', () => {
    const missing = Object.entries(lock).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        name => !(`node_modules/${name}` in lock) && !(`${path}/node_modules/${name}` in lock),
      ),
    )
    expect(missing).toEqual([])
  })

  it('names no registry', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "http/)
  })
})
