/** One line for a person, on standard output. */
export const print = (line = ''): void => void process.stdout.write(`${line}\n`)

/** One value for a script, on standard output. */
export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2))
