import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { StationAuthority } from '../../electron/factory/authority'
import { readCertificate, splitPem } from '../../electron/identity/certificate'
import { generateKeyPem } from '../../electron/identity/keys'
import { makeTempDir } from '../helpers/temp-dir'
import {
  type Bench,
  certify,
  MODEL,
  makeStation,
  newBoard,
  openLedger,
  requestOf,
  reserve,
  walk,
} from './ledger-make'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let temp: ReturnType<typeof makeTempDir>
let station: StationAuthority
let bench: Bench
const path = () => join(temp.path, 'ledger.sqlite')
beforeEach(async () => {
  temp = makeTempDir()
  station = await makeStation(temp.path)
  bench = openLedger(path(), { signer: () => station.signer })
})
afterEach(() => {
  bench.ledger.close()
  temp.remove()
})
const refused = (work: () => unknown): { code?: string; detail?: string } => {
  try {
    work()
  } catch (thrown) {
    return thrown as { code: string }
  }
  return {}
}

test('a number goes all its way and stands as complete, with its certificate, after a reopening', async () => {
  const board = newBoard()
  const { udn } = reserve(bench.ledger, 'SN-1', board)
  expect(udn).toMatch(/^uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  await walk(bench.ledger, station, 'SN-1', board)
  bench.ledger.close()
  bench = openLedger(path(), { ...bench, signer: () => station.signer })
  const unit = bench.ledger.unit('SN-1')
  expect(unit).toMatchObject({
    state: 'complete',
    udn,
    attempts: 1,
    model: MODEL,
    operator: 'Operator 17',
    lane: '1',
  })
  expect(unit).not.toHaveProperty('openStep')
  const kept = bench.ledger.certificateOf('SN-1')
  const [leaf, above, ...more] = splitPem(kept?.chainPem ?? '').map(readCertificate)
  expect(leaf).toMatchObject({ udn, deviceSerial: 'SN-1', publicKeySha256: unit?.publicKeySha256 })
  expect(leaf?.summary).toMatchObject({
    serialNumber: unit?.certificateSerial,
    fingerprint: unit?.fingerprint,
  })
  expect(above?.summary.fingerprint).toBe(station.fingerprint)
  expect(more).toEqual([])
  expect(bench.ledger.verify()).toMatchObject({ ok: true, units: 1, checkpoints: 1, unsigned: 0 })
})

test('the same board with its unfinished number is found again, whoever puts it in', () => {
  const board = newBoard()
  const first = reserve(bench.ledger, 'SN-1', board)
  const { entries } = bench.ledger.summary()
  expect(reserve(bench.ledger, 'SN-1', board)).toEqual(first)
  expect(bench.ledger.summary().entries).toBe(entries)
  const again = reserve(bench.ledger, 'SN-1', board, { lane: '2', operator: 'Ada' })
  expect(again).toMatchObject({ udn: first.udn, lane: '2', operator: 'Ada', attempts: 1 })
  expect(bench.ledger.openUnitOf(board.hardwareId)?.serialNumber).toBe('SN-1')
  expect(bench.ledger.verify().ok).toBe(true)
})

test('a number or a board that is taken is refused with who has it, where and since when', async () => {
  const [first, second] = [newBoard(), newBoard()]
  reserve(bench.ledger, 'SN-1', first)
  expect(refused(() => reserve(bench.ledger, 'SN-1', second))).toMatchObject({ code: 'OTHER_DEVICE' })
  expect(refused(() => reserve(bench.ledger, 'SN-2', first))).toMatchObject({
    code: 'OTHER_DEVICE',
    detail: expect.stringContaining('SN-1'),
  })
  await walk(bench.ledger, station, 'SN-1', first)
  const { udn = '' } = bench.ledger.unit('SN-1') ?? {}
  for (const board of [first, second]) {
    const { code, detail } = refused(() => reserve(bench.ledger, 'SN-1', board))
    expect(code).toBe('SERIAL_NUMBER_USED')
    for (const part of [MODEL, 'complete', 'Line 1 lane 1', '2027-01-15T12:00:00Z', udn])
      expect(detail).toContain(part)
  }
  // A complete board never gets a second identity; a scrapped one may.
  expect(refused(() => reserve(bench.ledger, 'SN-2', first)).code).toBe('OTHER_DEVICE')
  bench.ledger.scrap('SN-1', 'returned', 'Lee')
  expect(reserve(bench.ledger, 'SN-2', first).state).toBe('reserved')
  expect(bench.ledger.openUnitOf(first.hardwareId)?.serialNumber).toBe('SN-2')
})

test.each(['', '-1', 'SN 1', 'SN_1', 'Ü1', '=1+1', 'x'.repeat(41), 'SN\n1'])(
  '%j is no serial number',
  (serial) => {
    expect(refused(() => reserve(bench.ledger, serial, newBoard())).code).toBe('SERIAL_NUMBER_INVALID')
    expect(bench.ledger.summary().entries).toBe(0)
  },
)

test('an attempt is counted when a step is begun again after a failure or a stop', () => {
  const { ledger } = bench
  const board = newBoard()
  reserve(ledger, 'SN-1', board)
  ledger.begin('SN-1', 'keygen')
  expect(ledger.unit('SN-1')).toMatchObject({ openStep: 'keygen', attempts: 1 })
  ledger.failed('SN-1', 'keygen', 'TIMED_OUT')
  expect(ledger.unit('SN-1')).toMatchObject({ lastErrorCode: 'TIMED_OUT', attempts: 1 })
  ledger.begin('SN-1', 'keygen')
  // Stopped here: nothing says how it ended.
  expect(reserve(ledger, 'SN-1', board)).toMatchObject({ attempts: 3 })
  ledger.begin('SN-1', 'keygen')
  expect(ledger.done('SN-1', 'keygen')).toMatchObject({ state: 'keyed', attempts: 3 })
  expect(ledger.verify().ok).toBe(true)
})

test('the end of a step, told twice, is on record once; a step is never skipped', () => {
  const { ledger } = bench
  reserve(ledger, 'SN-1', newBoard())
  expect(refused(() => ledger.begin('SN-1', 'lock')).code).toBe('DEFECT')
  expect(refused(() => ledger.done('SN-1', 'keygen')).code).toBe('DEFECT')
  expect(refused(() => ledger.begin('SN-9', 'keygen')).code).toBe('DEFECT')
  ledger.begin('SN-1', 'keygen')
  ledger.done('SN-1', 'keygen', { firmwareVersion: '1.2.0' })
  const { entries } = ledger.summary()
  ledger.done('SN-1', 'keygen')
  ledger.failed('SN-9', 'keygen', 'TIMED_OUT')
  expect(ledger.summary().entries).toBe(entries)
})

test('a certificate is promised once: asked again, also after a restart, it is the same promise, then the certificate', async () => {
  const board = newBoard()
  reserve(bench.ledger, 'SN-1', board)
  await expect(certify(bench.ledger, station, 'SN-1', board)).rejects.toMatchObject({ code: 'DEFECT' })
  await walk(bench.ledger, station, 'SN-1', board, 'keygen')
  const { publicKeySha256, der: csrDer } = await requestOf(bench.ledger, 'SN-1', board)
  const order = { publicKeySha256, csrDer, authorityFingerprint: station.fingerprint }
  const promise = bench.ledger.reserveCertificate('SN-1', order)
  bench.clock.advance(60_000)
  bench.ledger.close()
  bench = openLedger(path(), { ...bench, signer: () => station.signer })
  expect(bench.ledger.reserveCertificate('SN-1', order)).toEqual(promise)
  const first = await certify(bench.ledger, station, 'SN-1', board)
  expect(bench.ledger.reserveCertificate('SN-1', order)).toEqual(first)
  expect(bench.ledger.issued('SN-1', { ...first, pem: 'another', chainPem: 'another' })).toEqual(first)
  expect(bench.ledger.issuedBy(station.fingerprint)).toBe(1)
  expect(readCertificate(first.pem).notBeforeMs).toBeLessThanOrEqual('atMs' in promise ? promise.atMs : 0)
})

test('a key is accepted for one number only, and a number for one key', async () => {
  const { ledger } = bench
  const [board, thief] = [newBoard(), newBoard()]
  for (const [serial, one] of [
    ['SN-1', board],
    ['SN-2', thief],
  ] as const) {
    reserve(ledger, serial, one)
    await walk(ledger, station, serial, one, 'keygen')
  }
  await certify(ledger, station, 'SN-1', board)
  const stolen = { ...thief, keyPem: board.keyPem }
  await expect(certify(ledger, station, 'SN-2', stolen)).rejects.toMatchObject({
    code: 'KEY_REUSED',
    detail: expect.stringContaining('SN-1'),
  })
  await expect(
    certify(ledger, station, 'SN-1', { ...board, keyPem: generateKeyPem() }),
  ).rejects.toMatchObject({
    code: 'OTHER_DEVICE',
  })
  // Burning a number does not free its key.
  ledger.burn('SN-1', 'dropped', 'Lee')
  await expect(certify(ledger, station, 'SN-2', stolen)).rejects.toMatchObject({ code: 'KEY_REUSED' })
  await expect(certify(ledger, station, 'SN-1', board)).rejects.toMatchObject({ code: 'SERIAL_NUMBER_USED' })
})

test('a certificate that was not promised is not kept', async () => {
  const { ledger } = bench
  const [board, other] = [newBoard(), newBoard()]
  for (const [serial, one] of [
    ['SN-1', board],
    ['SN-2', other],
  ] as const) {
    reserve(ledger, serial, one)
    await walk(ledger, station, serial, one, 'keygen')
  }
  const foreign = await certify(ledger, station, 'SN-2', other)
  const { publicKeySha256, der: csrDer } = await requestOf(ledger, 'SN-1', board)
  expect(refused(() => ledger.issued('SN-1', foreign)).code).toBe('DEFECT')
  ledger.reserveCertificate('SN-1', { publicKeySha256, csrDer, authorityFingerprint: station.fingerprint })
  expect(refused(() => ledger.issued('SN-1', foreign)).code).toBe('DEFECT')
  expect(ledger.certificateOf('SN-1')).toBeUndefined()
})

test('the quota counts promises, and a new authority begins anew', async () => {
  const { ledger } = bench
  const small = await makeStation(temp.path, { quota: 2, name: 'Line 2' })
  const boards = [newBoard(), newBoard(), newBoard()]
  for (const [i, board] of boards.entries()) {
    reserve(ledger, `SN-${i}`, board)
    await walk(ledger, small, `SN-${i}`, board, 'keygen')
  }
  await certify(ledger, small, 'SN-0', boards[0] ?? newBoard())
  await certify(ledger, small, 'SN-0', boards[0] ?? newBoard())
  await certify(ledger, small, 'SN-1', boards[1] ?? newBoard())
  await expect(certify(ledger, small, 'SN-2', boards[2] ?? newBoard())).rejects.toMatchObject({
    code: 'QUOTA_EXHAUSTED',
  })
  expect(ledger.issuedBy(small.fingerprint)).toBe(2)
  await certify(ledger, station, 'SN-2', boards[2] ?? newBoard())
  expect(ledger.issuedBy(station.fingerprint)).toBe(1)
  expect(ledger.verify().ok).toBe(true)
})

test('burned and scrapped are ends: told twice they stand, and nothing goes on behind them', async () => {
  const { ledger } = bench
  const board = newBoard()
  reserve(ledger, 'SN-1', board)
  expect(refused(() => ledger.scrap('SN-1', 'x', 'Lee')).code).toBe('REQUEST_REFUSED')
  const burned = ledger.burn('SN-1', 'board broke', 'Lee')
  expect(burned).toMatchObject({ state: 'burned', reason: 'board broke' })
  const { entries } = ledger.summary()
  expect(ledger.burn('SN-1', 'again', 'Operator 17')).toEqual(burned)
  ledger.failed('SN-1', 'keygen', 'TIMED_OUT')
  expect(ledger.summary().entries).toBe(entries)
  expect(refused(() => ledger.begin('SN-1', 'keygen')).code).toBe('SERIAL_NUMBER_USED')
  expect(refused(() => reserve(ledger, 'SN-1', board)).code).toBe('SERIAL_NUMBER_USED')
  reserve(ledger, 'SN-2', board)
  await walk(ledger, station, 'SN-2', board)
  expect(refused(() => ledger.burn('SN-2', 'x', 'Lee')).code).toBe('REQUEST_REFUSED')
  expect(ledger.scrap('SN-2', 'crushed', 'Lee').state).toBe('scrapped')
  expect(refused(() => ledger.scrap('SN-7', 'x', 'Lee')).code).toBe('SERIAL_NUMBER_INVALID')
  expect(refused(() => ledger.burn('SN-7', 'x', 'Lee')).code).toBe('SERIAL_NUMBER_INVALID')
  expect(ledger.verify()).toMatchObject({ ok: true, checkpoints: 3 })
})

test('steps of a complete device are no news', async () => {
  const { ledger } = bench
  const board = newBoard()
  reserve(ledger, 'SN-1', board)
  await walk(ledger, station, 'SN-1', board)
  const { entries } = ledger.summary()
  ledger.begin('SN-1', 'complete')
  expect(ledger.done('SN-1', 'complete').state).toBe('complete')
  ledger.failed('SN-1', 'complete', 'TIMED_OUT')
  expect(ledger.summary().entries).toBe(entries)
})

test('a write that breaks off leaves nothing of itself', () => {
  const { ledger } = bench
  reserve(ledger, 'SN-1', newBoard())
  const before = ledger.summary()
  expect(refused(() => ledger.done('SN-1', 'connect', { note: 'x'.repeat(999) })).code).toBe('DEFECT')
  expect(ledger.summary()).toEqual(before)
  ledger.begin('SN-1', 'keygen')
  expect(ledger.verify()).toMatchObject({ ok: true, entries: before.entries + 1 })
})

test('units are found by number, UDN, model, state, board and operator, newest first', async () => {
  const { ledger } = bench
  const boards = [newBoard(), newBoard(), newBoard()]
  for (const [i, board] of boards.entries())
    reserve(ledger, `SN-%${i}`.replace('%', ''), board, { operator: i === 1 ? 'Ada' : 'Operator 17' })
  ledger.burn('SN-2', 'x', 'Lee')
  const find = (search: string, limit = 9) =>
    ledger.units({ search, limit }).map(({ serialNumber }) => serialNumber)
  expect(find('')).toEqual(['SN-2', 'SN-1', 'SN-0'])
  expect(find('', 2)).toEqual(['SN-2', 'SN-1'])
  expect(find(' sn-1 ')).toEqual(['SN-1'])
  expect(find('ada')).toEqual(['SN-1'])
  expect(find('BURNED')).toEqual(['SN-2'])
  expect(find(boards[0]?.hardwareId ?? '-')).toEqual(['SN-0'])
  expect(find(ledger.unit('SN-1')?.udn ?? '-')).toEqual(['SN-1'])
  for (const none of ['%', '_', '!', "'", '\\']) expect(find(none)).toEqual([])
})
