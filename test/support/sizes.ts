/** True in `npm run test:all`, which runs the heavy tests at full size. */
export const isSoak = process.env.SOAK === '1'

/** How large a heavy test is: small in every `npm test`, full in the soak. */
export function size(everyRun: number, inSoak: number): number {
  return isSoak ? inSoak : everyRun
}
