import { userInfo } from 'node:os'

/** Who acts through the command line, as histories keep it: the user of the machine. */
export const cliUser = (): string => `cli:${userInfo().username}`
