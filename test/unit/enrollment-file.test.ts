import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readEnrollmentFile } from '../../src/cli/enrollment-file.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'enrolment-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

async function read(name: string, content: string | Buffer): Promise<unknown[]> {
  const path = join(folder, name)
  await writeFile(path, content)
  return readEnrollmentFile(path)
}

const ROW = { required_products: ['ethoca', 'cdrn'], psp_name: 'Acme, Inc.', descriptor: 'ACME*SHOP' }
const CSV = 'required_products,psp_name,descriptor\nethoca cdrn,"Acme, Inc.",ACME*SHOP\n'

describe('an enrolment file', () => {
  it.each([
    ['CSV', 'rows.csv', CSV],
    ['CSV by its content', 'rows', CSV],
    ['CSV from Windows, with a byte order mark', 'rows.csv', `\uFEFF${CSV.replaceAll('\n', '\r\n')}`],
    ['CSV of a country with decimal commas', 'rows.csv', 'required_products;psp_name;descriptor\nethoca cdrn;Acme, Inc.;ACME*SHOP'],
    ['CSV with tabs', 'rows.csv', 'required_products\tpsp_name\tdescriptor\nethoca;cdrn\tAcme, Inc.\tACME*SHOP'],
    ['CSV with products by semicolon, spaces around and empty lines', 'rows.csv', '\nrequired_products , psp_name,descriptor\n\n ethoca; cdrn ,"Acme, Inc.", ACME*SHOP\n,,\n'],
    ['CSV with empty cells', 'rows.csv', 'required_products,psp_name,descriptor,mcc,arns\nethoca cdrn,"Acme, Inc.",ACME*SHOP,,\n'],
    ['JSON', 'rows.json', JSON.stringify([ROW])],
    ['JSON by its content, with a byte order mark', 'rows', `\uFEFF ${JSON.stringify([ROW], null, 2)}`],
    ['one row as JSON', 'rows.json', JSON.stringify(ROW)],
  ])('is read as %s', async (_what, name, content) => {
    expect(await read(name, content)).toEqual([ROW])
  }) // prettier-ignore

  it('keeps the digits of long numbers, and leading zeros', async () => {
    const arn = '74123456789012345678901'
    expect(await read('long.json', `[{"arns":[${arn}],"acquirer_bin":412345}]`)).toEqual([
      { arns: [arn], acquirer_bin: '412345' },
    ])
    expect(await read('long.csv', `arns,acquirer_bin,mcc\n${arn} ${arn},012345,0742\n`)).toEqual([
      { arns: [arn, arn], acquirer_bin: '012345', mcc: '0742' },
    ])
  })

  it('has a column within a column', async () => {
    expect(await read('site.csv', 'descriptor,support_info_merchant.website_url\nA,https://a.test\nB,\n')).toEqual([
      { descriptor: 'A', support_info_merchant: { website_url: 'https://a.test' } },
      { descriptor: 'B' },
    ])
  })

  it.each([
    ['without rows', 'rows.csv', 'psp_name,descriptor\n', /rows\.csv: holds no row$/],
    ['that is empty', 'rows.json', '[]', /rows\.json: holds no row$/],
    ['with a line of too many values', 'rows.csv', 'psp_name\nA\nhunter2,B\n', /rows\.csv, line 3: expected as many values as the header has names/],
    ['with a quote left open', 'rows.csv', 'psp_name\n"hunter2\n', /expected the closing quote/],
    ['with a quote in the middle', 'rows.csv', 'psp_name\n"A"hunter2\n', /line 2: expected CSV; check its quotes/],
    ['with one column twice', 'rows.csv', 'psp_name,mcc,psp_name\nA,1,B\n', /column 3 has the name of an earlier one/],
    ['that is no JSON', 'rows.json', '[{"psp_name":hunter2}]', /rows\.json: expected JSON/],
    ['in another encoding', 'rows.csv', Buffer.from('psp_name\nCaf\u00e9\n', 'latin1'), /rows\.csv: expected UTF-8 text/],
  ])('is refused where it is one %s, without its values', async (_what, name, content, message) => {
    const refusal = await read(name, content).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ kind: 'invalid', code: 'file-invalid', message: expect.stringMatching(message) })
    expect(String(refusal)).not.toContain('hunter2')
  }) // prettier-ignore

  it('is asked for by its name where there is none', async () => {
    await expect(readEnrollmentFile(join(folder, 'none.csv'))).rejects.toThrow(/none\.csv: there is no such file$/)
  })
})
