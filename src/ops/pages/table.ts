import { html, type Html, type Insert } from './html.ts'

/** A table that scrolls by itself where the page is too narrow for it. */
export const table = (headings: readonly string[], rows: readonly (readonly Insert[])[]): Html =>
  html`<div class="wide">
    <table>
      <thead>
        <tr>
          ${headings.map(heading => html`<th>${heading}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          cells =>
            html`<tr>
              ${cells.map(cell => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`

/** Names and what stands for them, a line each. */
export const factTable = (rows: readonly (readonly [name: string, value: Insert])[]): Html =>
  html`<table class="facts">
    <tbody>
      ${rows.map(
        ([name, value]) =>
          html`<tr>
            <th scope="row">${name}</th>
            <td>${value}</td>
          </tr>`,
      )}
    </tbody>
  </table>`
