/** What every page loads. Served as files of their own, so that no page needs leave for inline styles or scripts. */

export const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); --bad: #c62828; --good: #2e7d32; --wait: #b26a00 }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 0 1rem 3rem; max-width: 60rem; overflow-wrap: break-word }
header { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: baseline; padding: 1rem 0; border-bottom: 1px solid var(--line) }
header strong { font-size: 1.15rem }
h1 { font-size: 1.4rem; margin: 1.25rem 0 .5rem } h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem }
form { display: flex; gap: .5rem; margin: 1rem 0 } input { flex: 1; min-width: 0 }
input, button { font: inherit; padding: .45rem .75rem; border: 1px solid var(--line); border-radius: .4rem } button, th { white-space: nowrap }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; padding: 0; list-style: none }
.tiles li { border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .8rem } .tiles b { display: block; font-size: 1.5rem }
.alarm, .calm, .note { border-left: .3rem solid var(--bad); padding: .5rem .8rem; margin: .75rem 0; background: color-mix(in srgb, var(--bad) 8%, transparent) }
.calm { border-color: var(--good); background: none } .note { border-color: var(--wait); background: none }
.wide { overflow-x: auto } table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top } .facts td { overflow-wrap: anywhere }
.state { font-weight: 600 } .held, .dirty, .in-doubt { color: var(--wait) } .rejected { color: var(--bad) } .acknowledged { color: var(--good) }
ol.timeline { list-style: none; padding: 0 } ol.timeline li { border-left: .2rem solid var(--line); padding: .15rem 0 .5rem .8rem } time { opacity: .75; font-size: .9em }
code { overflow-wrap: anywhere } small { opacity: .75 }
`

/** Buttons post JSON with the header that no foreign page can send; the page is loaded anew while nobody types. */
export const SCRIPT = `
for (const button of document.querySelectorAll('button[data-post]')) {
  button.hidden = false
  button.addEventListener('click', async () => {
    button.disabled = true
    const says = document.getElementById('says')
    try {
      const answer = await fetch(button.dataset.post, {
        method: 'POST', body: '{}', headers: { 'content-type': 'application/json', 'x-order-sync': 'page' },
      })
      const body = await answer.json()
      says.textContent = body.says ?? body.message ?? 'done'
    } catch {
      says.textContent = 'no answer; try again'
    }
    says.hidden = false
    button.disabled = false
    setTimeout(() => location.reload(), 2500)
  })
}
const seconds = Number(document.body.dataset.refresh)
const typing = () => { const input = document.querySelector('input'); return input !== null && (input === document.activeElement || input.value !== input.defaultValue) }
if (seconds > 0) setInterval(() => { if (!typing()) location.reload() }, seconds * 1000)
`
