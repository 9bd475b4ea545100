/** The time of day a line of the demo begins with, by this machine's clock. */
export const clock = (): string => new Date().toTimeString().slice(0, 8)
