import { html, type Html, type Insert } from './html.ts'

/** One whole page; `refreshS`: loaded anew after so many seconds, also where no script runs. */
export function page(title: string, content: Insert, { refreshS }: { refreshS?: number } = {}): Html {
  const refresh =
    refreshS === undefined ? null : html`<noscript><meta http-equiv="refresh" content="${refreshS}" /></noscript>`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title} · order-sync</title>
        ${refresh}
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/ops.css" />
        <script src="/ops.js" defer></script>
      </head>
      <body data-refresh="${refreshS ?? 0}">
        <header>
          <strong>order-sync</strong>
          <nav>
            <a href="/">Overview</a> · <a href="/cases">Cases</a> · <a href="/rejected">Rejected</a> ·
            <a href="/queues">Queues</a> ·
            <a href="/metrics">Metrics</a>
          </nav>
        </header>
        <main>
          <p id="says" class="note" role="status" hidden></p>
          ${content}
        </main>
      </body>
    </html> `
}

/** A button that needs a script, and for where none runs the command that does the same. */
export const action = (label: string, path: string, command: string | null): Html =>
  html`<button type="button" data-post="${path}" hidden>${label}</button>${
      command === null ? null : html`<noscript><code>${command}</code></noscript>`
    }`

export const orderLink = (orderId: string): Html => html`<a href="${orderPath(orderId)}">${orderId}</a>`
export const orderPath = (orderId: string): string => `/orders/${encodeURIComponent(orderId)}`
export const orderApiPath = (orderId: string): string => `/api/orders/${encodeURIComponent(orderId)}`

/** A case by the beginning of its own id: people do not read 32 digits, and all of it is a click away. */
export function caseLink(id: string): Html {
  const guid = id.slice(id.indexOf(':') + 1)
  const short = guid.length > SHORT + 1 ? `${guid.slice(0, SHORT)}…` : guid
  return html`<a class="nowrap" href="/cases/${encodeURIComponent(id)}" aria-label="${id}">${short}</a>`
}
const SHORT = 12
export const caseApiPath = (id: string): string => `/api/cases/${encodeURIComponent(id)}`

/** One argument as a shell takes it, whatever is in it. */
export const shellWord = (word: string): string =>
  /^[\w.:@-]+$/.test(word) && !word.startsWith('-') ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`

export const timeTag = (iso: string): Html =>
  html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`

/** Who has acknowledged an alarm, until when, and why. */
export const seenBy = ({ by, until, note }: { by: string; until: string | null; note: string | null }): Html =>
  html`Acknowledged by ${by}${until === null ? null : html` until ${timeTag(until)}`}${note === null ? null : `: ${note}`}.` // prettier-ignore

export const searchForm = (): Html =>
  html`<form action="/orders" method="get" role="search">
    <label>Order id <input type="search" name="id" required maxlength="255" autocomplete="off" /></label>
    <button>Find order</button>
  </form>`
