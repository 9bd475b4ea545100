/** One thing the doctor looked at. `todo`: what to do about it, where it is not simply fine. */
export interface DoctorLine {
  name: string
  /** `warn`: it works, and something about it deserves a decision. */
  ok: boolean | 'warn'
  says: string
  todo?: string
}

export const fine = (name: string, says: string): DoctorLine => ({ name, ok: true, says })
export const warn = (name: string, says: string, todo: string): DoctorLine => ({ name, ok: 'warn', says, todo })
export const fault = (name: string, says: string, todo: string): DoctorLine => ({ name, ok: false, says, todo })
/** What is a fault in production and a warning elsewhere. */
export const unwise = (production: boolean) => (production ? fault : warn)
