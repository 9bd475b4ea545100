/** What every page loads. Served as separate files, so that no page needs inline styles or scripts. */

export const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); --bad: #c62828; --good: #2e7d32; --wait: #b26a00 }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 0 1rem 3rem; max-width: 60rem; overflow-wrap: break-word }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: baseline; padding: 1rem 0; border-bottom: 1px solid var(--line) }
header strong { font-size: 1.15rem }
h1 { font-size: 1.4rem; margin: 1.25rem 0 .5rem } h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem } h3 { font-size: 1rem; margin: 1rem 0 .25rem }
[hidden] { display: none !important }
form { display: flex; gap: .5rem; margin: 1rem 0 } input, select, textarea { flex: 1; min-width: 0; max-width: 100% }
form.decide { flex-wrap: wrap; align-items: end; border: 1px solid var(--line); border-radius: .5rem; padding: .75rem } .decide label { display: flex; flex-direction: column; flex: 1 1 14rem; min-width: 0 } td form.decide { border: 0; padding: 0; margin: 0 } .buttons { display: flex; flex-wrap: wrap; gap: .5rem } .go { font-weight: 600 }
input, select, textarea, button { font: inherit; padding: .45rem .75rem; border: 1px solid var(--line); border-radius: .4rem } button, th { white-space: nowrap }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; padding: 0; list-style: none }
.tiles li { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem } .tiles b { display: block; font-size: 1.5rem }
.alarm, .calm, .note { border-left: .3rem solid var(--bad); padding: .5rem .8rem; margin: .75rem 0; background: color-mix(in srgb, var(--bad) 8%, transparent) }
.alarm p, .note p { margin: .2rem 0 } .alarm form { margin: .5rem 0 } summary { cursor: pointer; font-size: .9em }
.calm { border-color: var(--good); background: none } .note { border-color: var(--wait); background: none }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top } .facts td { overflow-wrap: anywhere }
.nowrap, td .state { white-space: nowrap } .state { font-weight: 600 } .held, .dirty, .in-doubt, .awaiting-approval, .unmatched { color: var(--wait) } .rejected, .parked { color: var(--bad) } .acknowledged, .resolved, .refunded { color: var(--good) }
ol.timeline { list-style: none; padding: 0 } ol.timeline li { border-left: .2rem solid var(--line); padding: .15rem 0 .5rem .8rem } time { opacity: .75; font-size: .9em }
code { overflow-wrap: anywhere } small { opacity: .75 }
`

/** Buttons and forms send JSON with the header that no foreign page can send; the page is reloaded while no person types. */
export const SCRIPT = `
const says = document.getElementById('says')
const show = text => { says.textContent = text; says.hidden = false; says.scrollIntoView({ block: 'nearest' }) }
async function send(path, method, fields) {
  try {
    const answer = await fetch(path, {
      method, body: JSON.stringify(fields), headers: { 'content-type': 'application/json', 'x-order-sync': 'page' },
    })
    const body = await answer.json()
    show(body.says ?? body.message ?? 'Done')
    return answer.ok
  } catch {
    show('No answer. Try again.')
    return false
  }
}
for (const button of document.querySelectorAll('button[data-post]')) {
  button.hidden = false
  button.addEventListener('click', async () => {
    button.disabled = true
    await send(button.dataset.post, 'POST', {})
    button.disabled = false
    setTimeout(() => location.reload(), 2500)
  })
}
for (const form of document.querySelectorAll('form[data-api]')) {
  form.hidden = false
  form.addEventListener('submit', async event => {
    event.preventDefault()
    const fields = Object.fromEntries([...new FormData(form, event.submitter)].filter(([, value]) => value !== ''))
    const what = event.submitter?.dataset.label ? ' ' + event.submitter.dataset.label + '?' : ''
    if (!confirm(form.dataset.confirm + what)) return
    const buttons = [...form.querySelectorAll('button')]
    for (const button of buttons) button.disabled = true
    const done = await send(form.dataset.api, form.dataset.method, fields)
    for (const button of buttons) button.disabled = false
    if (!done) return
    form.reset()
    setTimeout(() => location.reload(), 1500)
  })
}
const left = ms => {
  const minutes = Math.floor(Math.abs(ms) / 60000), hours = Math.floor(minutes / 60) % 24, days = Math.floor(minutes / 1440)
  const text = days > 0 ? days + ' d ' + hours + ' h' : hours > 0 ? hours + ' h ' + (minutes % 60) + ' min' : minutes + ' min'
  return ms < 0 ? 'late by ' + text : text
}
setInterval(() => {
  for (const time of document.querySelectorAll('time[data-left]')) time.textContent = left(Date.parse(time.dateTime) - Date.now())
}, 5000)
const seconds = Number(document.body.dataset.refresh)
const typing = () => document.querySelector('details[open]') !== null || [...document.querySelectorAll('input:not([type=hidden]), select, textarea')].some(one =>
  one === document.activeElement || (one.localName === 'select' ? one.selectedIndex > 0 : one.value !== one.defaultValue))
if (seconds > 0) setInterval(() => { if (!typing()) location.reload() }, seconds * 1000)
`
