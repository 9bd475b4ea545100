/** Prometheus' text format, as far as it takes to put the figures of several processes side by side. */

const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: -?\d+)?$/
const HEADER = /^# (HELP|TYPE) ([A-Za-z_:][\w:]*)(?: (.*))?$/

interface Family {
  help: string | null
  type: string | null
  samples: string[]
}

/** Every process's samples with a `process` label, each metric told once; a line that is no sample is left out. */
export function mergeFigures(figures: ReadonlyMap<string, string>): string {
  const families = new Map<string, Family>()
  for (const [process, text] of figures) addFigures(families, process, text)
  return [...families]
    .filter(([, family]) => family.samples.length > 0)
    .map(([name, family]) => familyText(name, family))
    .join('\n')
}

function addFigures(families: Map<string, Family>, process: string, text: string): void {
  let current = ''
  for (const line of text.split('\n')) {
    const header = HEADER.exec(line)
    if (header) {
      const [, kind, name = '', rest = ''] = header
      current = name
      const family = familyOf(families, name)
      if (kind === 'HELP') family.help ??= rest
      else family.type ??= rest
      continue
    }
    const sample = SAMPLE.exec(line)
    if (!sample) continue
    const [, name = '', labels = '', written = ''] = sample
    // prom-client writes `Nan`, which strict readers do not take.
    const value = written === 'Nan' ? 'NaN' : written
    // A histogram's and a summary's samples bear their metric's name and an ending.
    const family = familyOf(families, name.startsWith(current) && current !== '' ? current : name)
    family.samples.push(sampleText(name, `${labelText('process', process)}${labels === '' ? '' : `,${labels}`}`, value))
  }
}

function familyOf(families: Map<string, Family>, name: string): Family {
  const known = families.get(name)
  if (known) return known
  const family: Family = { help: null, type: null, samples: [] }
  families.set(name, family)
  return family
}

const familyText = (name: string, { help, type, samples }: Family): string =>
  [
    ...(help === null ? [] : [`# HELP ${name} ${help}`]),
    ...(type === null ? [] : [`# TYPE ${name} ${type}`]),
    ...samples,
    '',
  ].join('\n')

const sampleText = (name: string, labels: string, value: string | number) => {
  const text = value === Infinity ? '+Inf' : String(value)
  return labels === '' ? `${name} ${text}` : `${name}{${labels}} ${text}`
}
const labelText = (name: string, value: string) =>
  `${name}="${value
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`)}"`

/** One gauge and its values, in Prometheus' text format. */
export function gaugeText(
  name: string,
  help: string,
  values: readonly { labels?: Readonly<Record<string, string>>; value: number }[],
): string {
  const samples = values.map(({ labels = {}, value }) =>
    sampleText(name, Object.entries(labels).map(([label, text]) => labelText(label, text)).join(','), value),
  ) // prettier-ignore
  return familyText(name, { help, type: 'gauge', samples })
}

/** When a process started, in milliseconds, read off its figures. */
export function startedAtOf(text: string): number | null {
  const seconds = /^order_sync_started_at_seconds (\S+)$/m.exec(text)?.[1]
  return seconds === undefined || Number.isNaN(Number(seconds)) ? null : Math.round(Number(seconds) * 1_000)
}
