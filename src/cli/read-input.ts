import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { AppError } from '../errors.ts'
import { parseJson, type NumbersAsText } from '../parse-json.ts'

/** A file's bytes, or with `-` those of standard input. Throws `AppError` `file_unreadable`. */
export async function readInput(file: string): Promise<Buffer> {
  return (file === '-' ? buffer(process.stdin) : readFile(file)).catch((error: unknown) => {
    throw unreadable(file, error)
  })
}

/** What to throw where a file cannot be read. */
export function unreadable(file: string, error: unknown): AppError {
  const { code, message } = error as NodeJS.ErrnoException
  const why = code === 'ENOENT' ? 'there is no such file' : `it cannot be read (${code ?? message})`
  return new AppError('file-unreadable', `${file}: ${why}`)
}

/** The JSON in a file's bytes. Throws `AppError` `file_invalid`, naming the file and the place in it. */
export function jsonIn(bytes: Buffer, file: string, asText?: NumbersAsText): unknown {
  const parsed = parseJson(bytes, asText)
  if ('value' in parsed) return parsed.value
  const { field, message } = parsed.fault
  throw new AppError('file-invalid', `${file}${field === '' ? '' : `, ${field}`}: ${message}`)
}
