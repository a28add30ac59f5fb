/** Every single byte of a report counts: bit flips in each of its files and in its ZIP, and pieces cut out and moved. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REPORT_FILES } from '../../electron/reports/form'
import { verifyReport } from '../../electron/reports/verify'
import { makeTempDir } from '../helpers/temp-dir'
import { type TestSite, testSite } from './site'

let temp: ReturnType<typeof makeTempDir>
let site: TestSite
let folder: string
let zip: Buffer

beforeAll(async () => {
  temp = makeTempDir('iotmc-tamper-')
  site = await testSite(join(temp.path, 'data'))
  const { desk, records } = site.open()
  for (const language of ['en', 'de'] as const) await desk.make({ language, customer: 'Example customer' })
  zip = Buffer.from((await desk.file(2, 'zip')).data)
  records.close()
  folder = join(site.folder, 'reports', '2')
})
afterAll(() => temp.remove())

const isRight = async (path: string): Promise<boolean> => (await verifyReport(path, { ca: site.ca.pem })).ok

describe('every single byte counts', () => {
  it.each(REPORT_FILES.map((name) => [name]))('of %s', async (name) => {
    const path = join(temp.path, `copy-of-${name}`)
    cpSync(folder, path, { recursive: true })
    const file = join(path, name)
    const original = readFileSync(file)
    // All of a small file, and a sample of a large one with its ends.
    const step = Math.max(1, Math.floor(original.length / 120))
    for (let at = 0; at < original.length; at += step) {
      const changed = Buffer.from(original)
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
      writeFileSync(file, changed)
      expect(await isRight(path), `${name} at ${at}`).toBe(false)
    }
    for (const changed of [
      original.subarray(0, -1),
      Buffer.concat([original, Buffer.alloc(1)]),
      Buffer.alloc(0),
    ]) {
      writeFileSync(file, changed)
      expect(await isRight(path)).toBe(false)
    }
    writeFileSync(file, original)
    expect(await isRight(path)).toBe(true)
  })

  it('of the ZIP: any change is found, or changes nothing that is read', async () => {
    const change = fc.record({ at: fc.nat(zip.length - 1), to: fc.integer({ min: 1, max: 255 }) })
    const path = join(temp.path, 'changing.zip')
    await fc.assert(
      fc.asyncProperty(change, async ({ at, to }) => {
        const bytes = Buffer.from(zip)
        bytes[at] = (bytes[at] ?? 0) ^ to
        writeFileSync(path, bytes)
        const right = await isRight(path)
        // Dates, rights and checksums of the ZIP are no part of the report.
        if (right) expect(isOutsideFiles(at)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('and of several at once, cut, doubled or moved', async () => {
    const path = join(temp.path, 'random.zip')
    const cuts = fc.tuple(fc.nat(zip.length), fc.nat(zip.length), fc.nat(zip.length))
    await fc.assert(
      fc.asyncProperty(cuts, async ([a, b, c]) => {
        const [from, to, into] = [Math.min(a, b), Math.max(a, b), c]
        const piece = zip.subarray(from, to)
        const rest = Buffer.concat([zip.subarray(0, from), zip.subarray(to)])
        const changed = Buffer.concat([rest.subarray(0, into), piece, rest.subarray(into)])
        writeFileSync(path, changed)
        expect(await isRight(path)).toBe(changed.equals(zip))
      }),
      { numRuns: 200 },
    )
  })
})

/** Whether a byte of the ZIP is in none of its files' contents. */
const isOutsideFiles = (at: number): boolean =>
  REPORT_FILES.every((name) => {
    const bytes = readFileSync(join(folder, name))
    const start = zip.indexOf(bytes)
    return start > 0 && (at < start || at >= start + bytes.length)
  })
