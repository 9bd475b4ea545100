import { html, type Html } from './html.ts'

const MINUTE_MS = 60_000

/** The time left until a deadline in the units a person would say; past it, how late it is. The page's script does the same. */
export function leftText(leftMs: number): string {
  const minutes = Math.floor(Math.abs(leftMs) / MINUTE_MS)
  const [days, hours] = [Math.floor(minutes / 1_440), Math.floor(minutes / 60) % 24]
  const said =
    days > 0 ? `${days} d ${hours} h` : hours > 0 ? `${hours} h ${minutes % 60} min` : `${minutes} min` // prettier-ignore
  return leftMs < 0 ? `late by ${said}` : said
}

/** How much is left until `iso` at `nowIso`; it counts down where a script runs. */
export const timeLeft = (iso: string, nowIso: string): Html => {
  const leftMs = Date.parse(iso) - Date.parse(nowIso)
  return html`<time class="nowrap${leftMs < NEAR_MS ? ' rejected' : ''}" datetime="${iso}" data-left
    >${leftText(leftMs)}</time
  >`
}

/** From here on it is shown as pressing. */
const NEAR_MS = 240 * MINUTE_MS
