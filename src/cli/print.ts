/**
 * What moves a terminal's cursor, colours its text, turns the text's direction or hides in it. The texts that are printed were mostly
 * written elsewhere.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu
const HIDDEN_IN_JSON = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** Text without control, escape, bidirectional and invisible characters: a space is in their place. */
export const plain = (text: string): string => text.replace(HIDDEN, ' ')

/** One line for a person, on standard output. */
export const print = (line = ''): void => void process.stdout.write(`${plain(line)}\n`)

/** One line for a person, on standard error. */
export const printError = (line: string): void => void process.stderr.write(`${plain(line)}\n`)

/** One value for a script, on standard output; in its texts hidden characters are escaped. */
export const printJson = (value: unknown): void =>
  void process.stdout.write(`${(JSON.stringify(value, null, 2) ?? 'null').replace(HIDDEN_IN_JSON, escaped)}\n`)

const escaped = (hidden: string): string =>
  hidden
    .split('')
    .map(unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
