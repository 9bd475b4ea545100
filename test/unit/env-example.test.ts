import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import { CONFIG_NAMES } from '../../src/config-schema.ts'
import { isDemo, parseConfig } from '../../src/config.ts'

const file = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8')
const lines = file.split('\n')
const settings = lines.flatMap((line, at) => {
  const [, name = '', value = ''] = /^# ([A-Z][A-Z0-9_]*)=(.*)$/.exec(line) ?? []
  return name === '' ? [] : [{ name, value, above: lines[at - 1] ?? '' }]
})

describe('.env.example', () => {
  it('has every setting, once, and none that does not exist', () => {
    expect(settings.map(setting => setting.name).toSorted()).toEqual(CONFIG_NAMES.toSorted())
  })

  it("shows the schema's defaults", () => {
    const defaults = parseConfig({}, [])
    const asText = (value: string | number | boolean | string[] | number[] = '') =>
      value === false ? 'off' : String(value)
    expect(Object.fromEntries(settings.map(({ name, value }) => [name, value]))).toEqual(
      Object.fromEntries(CONFIG_NAMES.map(name => [name, asText(defaults[name])])),
    )
  })

  it('says of every setting, in the line above it, what it is', () => {
    const wordless = settings.filter(({ above }) => !/^# \S.*\.$/.test(above))
    expect(wordless).toEqual([])
  })

  it('sets nothing: a copy of it changes nothing, and is still the demo', () => {
    expect(parseEnv(file)).toEqual({})
    expect(isDemo(parseEnv(file))).toBe(true)
  })

  it('is accepted by the schema with every default taken in', () => {
    const uncommented = parseEnv(file.replace(/^# (?=[A-Z][A-Z0-9_]*=)/gm, ''))
    expect(Object.keys(uncommented).toSorted()).toEqual(CONFIG_NAMES.toSorted())
    expect(parseConfig(uncommented, [])).toEqual(parseConfig({}, []))
  })
})
