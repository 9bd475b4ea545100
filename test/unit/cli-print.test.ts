import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { print, printError, printJson } from '../../src/cli/print.ts'
import { printRecord, printTable } from '../../src/cli/print-table.ts'

/** Colours, a moved cursor, a window's title (C0 and C1), reversed and isolated text, breaks of a line, and what is invisible. */
const HOSTILE = 'a\u001b[31mb\u009b2Jc\u001b]0;t\u0007d\u202ee\u2066f\r\ng\u2028h\u200bi\u0085\ufeffj\u061ck\u007f'
const HIDDEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** What is written while `run` runs. */
function written(run: () => void): string {
  let text = ''
  const streams = [process.stdout, process.stderr]
  const writes = streams.map(stream => stream.write.bind(stream))
  for (const stream of streams) stream.write = chunk => (text += String(chunk)) !== ''
  try {
    run()
  } finally {
    for (const [i, stream] of streams.entries()) stream.write = writes[i]!
  }
  return text
}

describe('what the command line prints', () => {
  it.each([
    ['a line', () => print(`order ${HOSTILE}`), 1],
    ['an error', () => printError(`order ${HOSTILE}`), 1],
    ['a table', () => printTable(['name', 'state'], [[HOSTILE, 'x'], ['y', HOSTILE]]), 3],
    ['a record', () => printRecord({ [HOSTILE]: { a: HOSTILE }, list: [HOSTILE] }), 2],
  ] as const)('has no hidden characters of data: %s', (_name, run, lines) => {
    const text = written(run)
    expect(text).not.toMatch(HIDDEN)
    expect(text.trimEnd().split('\n')).toHaveLength(lines)
  }) // prettier-ignore

  it('has them escaped in JSON, which says the same', () => {
    const text = written(() => printJson({ a: HOSTILE, '\u202e': 'b\u{e0001}' }))
    expect(text).not.toMatch(HIDDEN)
    expect(JSON.parse(text)).toEqual({ a: HOSTILE, '\u202e': 'b\u{e0001}' })
  })

  it('goes through one file, and nothing else writes', () => {
    const writers = readdirSync('src/cli').filter(file =>
      /process\.std(out|err)\.write|console\./.test(readFileSync(`src/cli/${file}`, 'utf8')),
    )
    expect(writers).toEqual(['print.ts'])
  })
})
