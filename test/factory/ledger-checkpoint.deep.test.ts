import { createPublicKey, verify } from 'node:crypto'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { CertifiedSigner, StationAuthority } from '../../electron/factory/authority'
import { type Entry, entryHash, readData } from '../../electron/factory/ledger-entry'
import { csvLine } from '../../electron/factory/ledger-export'
import { makeTempDir } from '../helpers/temp-dir'
import { MODEL, makeStation, memoryHead, newBoard, openLedger, reserve, walk } from './ledger-make'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let temp: ReturnType<typeof makeTempDir>
let station: StationAuthority
beforeEach(async () => {
  temp = makeTempDir()
  station = await makeStation(temp.path)
})
afterEach(() => temp.remove())
const opened = (signer: () => CertifiedSigner | undefined, more = {}) =>
  openLedger(join(temp.path, 'ledger.sqlite'), { signer, ...more })
const range = (prefix: string) => ({ model: MODEL, prefix, digits: 2, first: 1, last: 9 })
const exported = (ledger: { export(format: 'jsonl'): Iterable<string> }): Record<string, unknown>[] =>
  [...ledger.export('jsonl')].map((text) => JSON.parse(text))

test('a checkpoint stands behind each complete, burned or scrapped unit and each release, and signs all before it', async () => {
  const { ledger } = opened(() => station.signer)
  const board = newBoard()
  ledger.addRange(range('A'), 'Lee')
  reserve(ledger, 'A01', board)
  await walk(ledger, station, 'A01', board)
  ledger.scrap('A01', 'crushed', 'Lee')
  ledger.burn('A02', 'torn', 'Lee')
  expect(ledger.verify()).toMatchObject({ ok: true, checkpoints: 4, unsigned: 0 })
  reserve(ledger, 'A03', newBoard())
  expect(ledger.verify()).toMatchObject({ ok: true, checkpoints: 4, unsigned: 1 })
  ledger.close()
})

test('anybody with the export can check chain and signatures, knowing only what the documentation says', async () => {
  const { ledger } = opened(() => station.signer)
  const board = newBoard()
  reserve(ledger, 'A01', board)
  await walk(ledger, station, 'A01', board)
  const lines = exported(ledger)
  const entries = lines.filter(({ type }) => type === 'entry') as unknown as Entry[]
  let previous = '0'.repeat(64)
  for (const entry of entries) {
    expect(entry.previousHash).toBe(previous)
    expect(entryHash(entry)).toBe(entry.hash)
    previous = entry.hash
  }
  const checkpoint = entries.at(-1)
  const { seq, hash, signer, signature } = readData('checkpoint', checkpoint?.data ?? '') ?? {}
  expect(seq).toBe(entries.length - 1)
  const pem = lines.find(({ type, fingerprint }) => type === 'certificate' && fingerprint === signer)?.pem
  const text = `iotmc-ledger-checkpoint-1\nLine 1\n${seq}\n${hash}\n${checkpoint?.atMs}\n`
  const key = createPublicKey(String(pem))
  expect(verify('sha256', Buffer.from(text), key, Buffer.from(signature ?? '', 'base64'))).toBe(true)
  expect(verify('sha256', Buffer.from(`${text} `), key, Buffer.from(signature ?? '', 'base64'))).toBe(false)
  const unit = lines.find(({ type }) => type === 'unit')
  expect(unit).toMatchObject({
    serialNumber: 'A01',
    state: 'complete',
    certificate: ledger.certificateOf('A01')?.pem,
  })
  ledger.close()
})

test('a signer that takes its time signs later; work goes on meanwhile', async () => {
  const waiting: (() => void)[] = []
  const slow: CertifiedSigner = {
    ...station.signer,
    sign: (data) =>
      new Promise<Buffer>((resolve) =>
        waiting.push(() => resolve(Buffer.from(station.signer.sign(data) as Buffer))),
      ),
  }
  const { ledger } = opened(() => slow)
  ledger.addRange(range('A'), 'Lee')
  ledger.addRange(range('B'), 'Lee')
  reserve(ledger, 'A01', newBoard())
  expect(ledger.verify()).toMatchObject({ ok: true, checkpoints: 0, unsigned: 3 })
  for (const sign of waiting) sign()
  await ledger.settled()
  // Both came after the reservation, which neither signs.
  expect(ledger.verify()).toMatchObject({ ok: true, checkpoints: 2, unsigned: 1 })
  ledger.close()
})

test('a signature that never comes, or comes after the end, harms nothing', async () => {
  let signer: CertifiedSigner | undefined = {
    ...station.signer,
    sign: () => {
      throw new Error('token is gone')
    },
  }
  const bench = opened(() => signer)
  bench.ledger.addRange(range('A'), 'Lee')
  signer = { ...station.signer, sign: () => Promise.reject(new Error('token is gone')) }
  bench.ledger.addRange(range('B'), 'Lee')
  await bench.ledger.settled()
  let late = (): void => undefined
  signer = {
    ...station.signer,
    sign: (data) =>
      new Promise<Buffer>((resolve) => {
        late = () => resolve(station.signer.sign(data) as Buffer)
      }),
  }
  bench.ledger.addRange(range('C'), 'Lee')
  bench.ledger.close()
  late()
  await bench.ledger.settled()
  signer = station.signer
  const again = opened(() => signer, bench)
  expect(again.ledger.verify()).toMatchObject({ ok: true, checkpoints: 0, unsigned: 3 })
  again.ledger.addRange(range('D'), 'Lee')
  expect(again.ledger.verify()).toMatchObject({ ok: true, checkpoints: 1, unsigned: 0 })
  again.ledger.close()
})

test('a signature by another key than the certificate that is shown is found', async () => {
  const other = await makeStation(temp.path, { name: 'Line 2' })
  const { ledger } = opened(() => ({ ...station.signer, sign: (data) => other.signer.sign(data) }))
  ledger.addRange(range('A'), 'Lee')
  expect(ledger.verify()).toMatchObject({ ok: false, problem: 'entry 2: its signature is wrong' })
  ledger.close()
})

test('stopped between an end and its head, the ledger still verifies', () => {
  const head = memoryHead()
  const bench = opened(() => undefined, { head: { ...head, read: () => undefined, write: () => undefined } })
  bench.ledger.addRange(range('A'), 'Lee')
  expect(bench.ledger.verify()).toMatchObject({ ok: true, unsigned: 1 })
  bench.ledger.addRange(range('B'), 'Lee')
  expect(bench.ledger.verify()).toMatchObject({ ok: false, problem: 'the sealed head is missing' })
  bench.ledger.close()
})

test('a check in the background judges the ledger as it was at its start, while devices go on', async () => {
  const { ledger } = opened(() => station.signer)
  for (let i = 1; i <= 9; i++) reserve(ledger, `A0${i}`, newBoard())
  ledger.addRange(range('B'), 'Lee')
  const { entries } = ledger.summary()
  const checking = ledger.verifyAside()
  for (let i = 0; i < 300; i++) ledger.begin('A01', 'keygen')
  ledger.addRange(range('C'), 'Lee')
  expect(await checking).toMatchObject({ ok: true, entries, units: 9, checkpoints: 1 })
  expect(await ledger.verifyAside()).toEqual(ledger.verify())
  const breaker = new AbortController()
  const broken = ledger.verifyAside(breaker.signal)
  breaker.abort()
  await expect(broken).rejects.toMatchObject({ code: 'CANCELLED' })
  ledger.close()
})

test('a head that can not be written fails the call, not what it put on record', () => {
  const head = memoryHead()
  const write = vi.spyOn(head, 'write').mockImplementationOnce(() => {
    throw new Error('the vault is full')
  })
  const { ledger } = opened(() => station.signer, { head })
  expect(() => ledger.addRange(range('A'), 'Lee')).toThrow('the vault is full')
  expect(ledger.verify()).toMatchObject({ ok: true, entries: 2, checkpoints: 1 })
  reserve(ledger, 'A01', newBoard())
  ledger.addRange(range('B'), 'Lee')
  expect(write).toHaveBeenCalledTimes(2)
  expect(ledger.verify()).toMatchObject({ ok: true, entries: 5, checkpoints: 2 })
  ledger.close()
})

test('CSV has one line per unit, quotes everything, and no field is a formula', async () => {
  const { ledger } = opened(() => station.signer)
  for (const [i, operator] of ['=cmd|x', '+1', '-1', '@SUM', 'A "B", C', ' =1+1', '＝1'].entries())
    reserve(ledger, `A0${i}`, newBoard(), { operator })
  ledger.burn('A00', '\t=HYPERLINK("http://x")\r\nsecond line', 'Lee')
  const text = [...ledger.export('csv')].join('')
  const [head, ...lines] = text.split('\r\n"')
  expect(head).toMatch(/^"serialNumber","udn","model","state",/)
  expect(lines.length).toBeGreaterThanOrEqual(7)
  expect(text.endsWith('"\r\n')).toBe(true)
  expect(text).toContain(`"'=cmd|x"`)
  expect(text).toContain('"A ""B"", C"')
  expect(text).toContain('"2027-01-15T12:00:00.000Z"')
  // A field begins after a line end or a comma; none begins as a formula.
  expect(text).not.toMatch(/(^|,|\n)"[\s]*[=+\-@＝＋－＠]/u)
  ledger.close()
})

test('a field that a spreadsheet may take for a formula is made plain; no other is touched', () => {
  const formulas = [
    '=1',
    '+1',
    '-1',
    '@x',
    '\t=1',
    '\r=1',
    '\n=1',
    '  =1',
    '＝1',
    '|x',
    '%x',
    '\t',
    '\u00a0=1',
  ]
  for (const field of formulas) expect(csvLine([field])).toBe(`"'${field}"\r\n`)
  for (const field of ['', 'SN-1', 'a=1', '1-2', 'Ü @'])
    expect(csvLine([field, ''])).toBe(`"${field}",""\r\n`)
})

test('nothing secret can get into the ledger: what an event may say is a closed list', () => {
  const { ledger } = opened(() => undefined)
  reserve(ledger, 'A01', newBoard())
  ledger.begin('A01', 'reserve')
  const facts = { firmwareVersion: '1.0', setupCode: 'ABCD1234' }
  expect(() => ledger.done('A01', 'reserve', facts)).toThrow(/DEFECT/)
  expect(JSON.stringify(exported(ledger))).not.toContain('ABCD1234')
  ledger.close()
})
