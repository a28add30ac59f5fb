import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { durableTransaction, openDatabase, transaction } from '../../electron/store/database'
import { MIGRATIONS } from '../../electron/store/migrations'
import { Records } from '../../electron/store/records'
import type { Reservation } from '../../electron/store/tables/certificates'
import { type EnrollmentRecord, publicEnrollment } from '../../electron/store/tables/enrollments'

const udnOf = (n: number): string => `uuid:00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'iotmc-store-'))
  path = join(folder, 'records.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('opening the database', () => {
  it('is readable for its owner only', () => {
    Records.open(path).close()
    expect(statSync(path).mode & 0o077).toBe(0)
  })

  it('stops at a file that is not a database', () => {
    writeFileSync(path, randomBytes(8192))
    expect(() => Records.open(path)).toThrow(expect.objectContaining({ code: 'DATA_DAMAGED', subject: path }))
  })

  it('stops at a database that a newer program made', () => {
    const newer = new DatabaseSync(path)
    newer.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`)
    newer.close()
    expect(() => Records.open(path)).toThrow(expect.objectContaining({ code: 'DATA_DAMAGED' }))
  })

  it('migrates from each version on, and a migration that fails leaves the version before it', () => {
    openDatabase(path, ['CREATE TABLE a (x)']).close()
    const steps = ['CREATE TABLE a (x)', 'CREATE TABLE b (x)']
    expect(() => openDatabase(path, [...steps, 'CREATE TABLE c (x); CREATE TABLE a (x)'])).toThrow(
      expect.objectContaining({ code: 'DATA_DAMAGED' }),
    )
    const database = openDatabase(path, [...steps, 'CREATE TABLE c (x)'])
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: 3 })
    database.close()
  })

  it('keeps a plan, in its order, that the version before it wrote', () => {
    const before = openDatabase(path, MIGRATIONS.slice(0, 5))
    const insert = before.prepare(
      'INSERT INTO expected (position, serialNumber, udn, name, groupName, identity, model, place, note, firmware, configuration) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    const values = '{"Device.Location":"Hall 7"}'
    insert.run(
      1,
      null,
      udnOf(1),
      'Pump',
      'North',
      'ab'.repeat(32),
      'PX-200',
      'Row 3',
      'squeaks',
      '2.0.0',
      values,
    )
    insert.run(2, 'SN-2', null, null, null, null, null, null, null, null, null)
    before.close()
    const { expected } = Records.open(path)
    expect(expected.list()).toEqual([
      {
        ...{ udn: udnOf(1), name: 'Pump', group: 'North', identity: 'ab'.repeat(32), model: 'PX-200' },
        ...{ place: 'Row 3', note: 'squeaks', firmware: '2.0.0', values: { 'Device.Location': 'Hall 7' } },
      },
      { serialNumber: 'SN-2' },
    ])
  })

  it('commits durably and rolls back whole transactions', () => {
    const database = openDatabase(path)
    const flushes = () => database.prepare('PRAGMA synchronous').get()
    expect(flushes()).toEqual({ synchronous: 1 })
    expect(durableTransaction(database, flushes)).toEqual({ synchronous: 2 })
    expect(flushes()).toEqual({ synchronous: 1 })
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    const records = new Records(database)
    const work = () =>
      transaction(database, () => {
        records.facts.set('a', '1')
        transaction(database, () => records.facts.set('b', '2'))
        throw new Error('stop')
      })
    expect(work).toThrow('stop')
    expect([records.facts.get('a'), records.facts.get('b')]).toEqual([undefined, undefined])
    records.close()
    records.close()
  })
})

describe('facts', () => {
  it('count up and survive a restart', () => {
    const first = Records.open(path)
    expect([first.facts.next('bootId'), first.facts.next('bootId')]).toEqual([1, 2])
    first.facts.set('controllerUdn', udnOf(1))
    first.close()
    const second = Records.open(path)
    expect([second.facts.next('bootId'), second.facts.get('controllerUdn')]).toEqual([3, udnOf(1)])
    second.close()
  })
})

describe('known devices', () => {
  it('come back as they were put, and a patch changes only what it names', () => {
    const records = Records.open(path)
    const proven = {
      kind: 'IDevID' as const,
      serialNumber: 'AB',
      fingerprint: 'CD',
      notAfter: '2030-01-01',
      provenAtMs: 5,
    }
    const device = { udn: udnOf(1), name: 'Pump', group: 'Hall', configurationVersion: 3, proven }
    records.devices.put(device)
    expect(records.devices.get(udnOf(1))).toEqual(device)
    records.devices.patch(udnOf(1), { firmwareVersion: '1.5.0', name: undefined })
    expect(records.devices.get(udnOf(1))).toEqual({
      udn: udnOf(1),
      group: 'Hall',
      configurationVersion: 3,
      proven,
      firmwareVersion: '1.5.0',
    })
    records.devices.remove(udnOf(1))
    expect(records.devices.list()).toEqual([])
    records.close()
  })

  it('are read and checked fast enough for 5,000', () => {
    const records = Records.open(path)
    const proven = {
      kind: 'LDevID' as const,
      serialNumber: 'AB',
      fingerprint: 'CD',
      notAfter: '',
      provenAtMs: 5,
    }
    records.transaction(() => {
      for (let n = 0; n < 5000; n += 1) {
        records.devices.put({ udn: udnOf(n), name: `Device ${n}`, model: 'M', group: 'Hall', proven })
      }
    })
    const began = performance.now()
    expect(records.devices.list()).toHaveLength(5000)
    expect(performance.now() - began).toBeLessThan(3_000)
    records.close()
  })

  it('that are damaged on the disk are refused with the table and the column', () => {
    const records = Records.open(path)
    records.devices.put({ udn: udnOf(1) })
    const other = new DatabaseSync(path)
    other.exec(`UPDATE devices SET proven = '{"kind":"IDevID"'`)
    expect(() => records.devices.list()).toThrow(
      expect.objectContaining({ code: 'DATA_DAMAGED', subject: 'devices', detail: 'column proven' }),
    )
    other.close()
    records.close()
  })
})

describe('issuing a certificate', () => {
  const wanted: Reservation = {
    kind: 'LDevID',
    udn: udnOf(1),
    requestSha256: 'r1',
    publicKeySha256: 'k1',
    atMs: 10,
  }
  const signed = { pem: 'PEM', chainPem: 'CHAIN', notAfter: '2030-01-01T00:00:00Z', fingerprint: 'FP' }

  it('gives one request one serial number, before and after a crash, and one certificate', () => {
    const before = Records.open(path)
    const reserved = before.certificates.reserve(wanted)
    expect(reserved).toMatchObject({
      state: 'reserved',
      serialNumber: expect.stringMatching(/^[4-7][0-9a-f]{31}$/),
    })
    before.close()
    const after = Records.open(path)
    expect(after.certificates.reserve({ ...wanted, atMs: 99 })).toEqual(reserved)
    const issued = after.certificates.complete(reserved.serialNumber, signed, 20)
    expect(issued).toMatchObject({ ...signed, state: 'issued', serialNumber: reserved.serialNumber })
    expect(after.certificates.reserve(wanted)).toEqual(issued)
    expect(after.certificates.complete(reserved.serialNumber, { ...signed, pem: 'OTHER' }, 30)).toEqual(
      issued,
    )
    after.close()
  })

  it('gives the same key of the same device the same certificate in a new request', () => {
    const { certificates } = Records.open(path)
    const first = certificates.reserve(wanted)
    expect(certificates.reserve({ ...wanted, requestSha256: 'r2' })).toEqual(first)
    expect(certificates.ofDevice(wanted.udn)).toHaveLength(1)
  })

  it('refuses the key of another device, in a new request or in the same one', () => {
    const { certificates } = Records.open(path)
    certificates.reserve(wanted)
    const refused = expect.objectContaining({ code: 'KEY_REUSED' })
    expect(() => certificates.reserve({ ...wanted, udn: udnOf(2), requestSha256: 'r2' })).toThrow(refused)
    expect(() => certificates.reserve({ ...wanted, udn: udnOf(2) })).toThrow(refused)
  })

  it('keeps kinds of certificates apart: a key may have an IDevID and another kind', () => {
    const { certificates } = Records.open(path)
    const ldevid = certificates.reserve(wanted)
    const idevid = certificates.reserve({ ...wanted, kind: 'IDevID', requestSha256: 'r2' })
    expect(idevid.serialNumber).not.toBe(ldevid.serialNumber)
  })

  it('asks for a new key once the certificate was revoked', () => {
    const records = Records.open(path)
    const { serialNumber } = records.certificates.reserve(wanted)
    records.revocations.add({ serialNumber, atMs: 1, reason: 5 })
    records.revocations.add({ serialNumber, atMs: 2 })
    expect(records.revocations.list()).toEqual([{ serialNumber, atMs: 1, reason: 5 }])
    expect(() => records.certificates.reserve(wanted)).toThrow(
      expect.objectContaining({ code: 'IDENTITY_REVOKED' }),
    )
  })

  it('never completes what was not reserved', () => {
    const { certificates } = Records.open(path)
    expect(() => certificates.complete('00', signed, 1)).toThrow(expect.objectContaining({ code: 'DEFECT' }))
  })

  it('lets nobody change or delete an issued certificate, also not by SQL', () => {
    const records = Records.open(path)
    const { serialNumber } = records.certificates.reserve(wanted)
    records.certificates.complete(serialNumber, signed, 1)
    const other = openDatabase(path)
    expect(() => other.exec(`UPDATE certificates SET pem = 'X'`)).toThrow(/never changes/)
    expect(() => other.exec('DELETE FROM certificates')).toThrow(/never deleted/)
    expect(() => other.exec('INSERT OR REPLACE INTO certificates SELECT * FROM certificates')).toThrow(
      /never deleted/,
    )
    other.close()
    records.close()
  })
})

describe('enrolments', () => {
  const row: EnrollmentRecord = {
    enrollmentId: 'e1',
    udn: udnOf(1),
    model: 'M',
    hardwareRevision: 'A',
    firmwareVersion: '1.0.0',
    serialNumber: 'SN1',
    identityFingerprint: 'FP1',
    state: 'pending',
    requestedAtMs: 1,
    updatedAtMs: 1,
    requestDer: new Uint8Array([1, 2, 3]),
    requestSha256: 'r1',
    publicKeySha256: 'k1',
  }

  it('come back with their request, which the public form does not have', () => {
    const { enrollments } = Records.open(path)
    enrollments.put({ ...row, group: 'Hall' })
    const read = enrollments.byIdentity('FP1')
    expect(read).toMatchObject({ ...row, group: 'Hall', requestDer: expect.anything() })
    expect([...(read?.requestDer ?? [])]).toEqual([1, 2, 3])
    expect(publicEnrollment(read ?? row)).not.toHaveProperty('requestDer')
    expect(enrollments.byUdn(udnOf(1))?.enrollmentId).toBe('e1')
  })

  it('are one row per identity', () => {
    const { enrollments } = Records.open(path)
    enrollments.put(row)
    expect(() => enrollments.put({ ...row, enrollmentId: 'e2' })).toThrow(
      expect.objectContaining({ code: 'DEFECT' }),
    )
    expect(enrollments.list()).toHaveLength(1)
  })

  it('name only certificates that are on record', () => {
    const { enrollments } = Records.open(path)
    const put = () => enrollments.put({ ...row, state: 'issued', ldevidSerial: 'none' })
    expect(put).toThrow(expect.objectContaining({ code: 'DEFECT' }))
  })

  it('move only from the state that was expected, and only where the table of states allows', () => {
    const { enrollments } = Records.open(path)
    enrollments.put(row)
    expect(enrollments.move('e1', ['approved'], { state: 'rejected', updatedAtMs: 2 })).toBeUndefined()
    expect(enrollments.move('nobody', ['pending'], { state: 'approved', updatedAtMs: 2 })).toBeUndefined()
    expect(
      enrollments.move('e1', ['pending'], { state: 'approved', group: 'Hall', updatedAtMs: 2 }),
    ).toMatchObject({
      state: 'approved',
      group: 'Hall',
    })
    const skip = () => enrollments.move('e1', ['approved'], { state: 'confirmed', updatedAtMs: 3 })
    expect(skip).toThrow(expect.objectContaining({ code: 'DEFECT' }))
    expect(enrollments.get('e1')?.state).toBe('approved')
  })
})

describe('groups, trust, the plan and the audit', () => {
  it('raise a group version only when its values change, and count its members', () => {
    const records = Records.open(path)
    expect(records.groups.save('Hall', { b: '1', a: '2' })).toMatchObject({ version: 1, members: 0 })
    expect(records.groups.save('Hall', { a: '2', b: '1' })).toMatchObject({ version: 1 })
    records.devices.put({ udn: udnOf(1), group: 'Hall' })
    expect(records.groups.save('Hall', { a: '3' })).toMatchObject({ version: 2, members: 1 })
    expect(records.groups.list()).toEqual([{ name: 'Hall', values: { a: '3' }, version: 2, members: 1 }])
  })

  it('keep one row per trusted root', () => {
    const { trust } = Records.open(path)
    const root = { fingerprint: 'FP', name: 'Maker', pem: 'PEM', practice: true, addedAtMs: 1 }
    trust.put(root)
    trust.put({ ...root, name: 'Maker 2' })
    expect(trust.list()).toEqual([{ ...root, name: 'Maker 2' }])
    expect([trust.remove('FP'), trust.remove('FP')]).toEqual([true, false])
  })

  it('find a planned device by all that its entry says', () => {
    const { expected } = Records.open(path)
    const plan = [
      { serialNumber: 'SN1', group: 'Hall' },
      { serialNumber: 'SN2', udn: udnOf(2), name: 'Pump' },
      { udn: udnOf(1), group: 'Roof' },
    ]
    expected.replace(plan)
    expect(expected.list()).toEqual(plan)
    expect(expected.find({ udn: udnOf(9), serialNumber: 'SN1' })?.group).toBe('Hall')
    expect(expected.find({ udn: udnOf(1), serialNumber: 'SN1' })?.group).toBe('Roof')
    expect(expected.find({ udn: udnOf(9), serialNumber: 'SN2' })).toBeUndefined()
    expect(() => expected.replace([{ name: 'nobody' }])).toThrow(
      expect.objectContaining({ code: 'VALUE_INVALID' }),
    )
    expect(expected.list()).toEqual(plan)
  })

  it('find a device that is planned by its factory certificate alone, as it has enrolled', () => {
    const { expected, enrollments } = Records.open(path)
    const identity = 'ab'.repeat(32)
    expected.replace([{ identity, group: 'Hall' }])
    const device = { udn: udnOf(1), serialNumber: 'SN1' }
    expect(expected.find({ ...device, identity })?.group).toBe('Hall')
    expect(expected.find(device)).toBeUndefined()
    enrollments.put({
      ...{ ...device, enrollmentId: 'e1', model: 'M', hardwareRevision: 'A', firmwareVersion: '1.0.0' },
      identityFingerprint: Array.from({ length: 32 }, () => 'AB').join(':'),
      ...{ state: 'pending', requestedAtMs: 1, updatedAtMs: 1, requestDer: new Uint8Array([1]) },
      ...{ requestSha256: 'r1', publicKeySha256: 'k1' },
    })
    expect(expected.find(device)?.group).toBe('Hall')
    expect(expected.find({ ...device, udn: udnOf(2) })).toBeUndefined()
  })

  it('append to the audit only', () => {
    const records = Records.open(path)
    for (const atMs of [1, 2, 3])
      records.audit.append({ atMs, actor: 'Ada', action: 'approve', subject: udnOf(atMs) })
    const page = records.audit.list({ limit: 2 })
    expect(page.map((line) => line.atMs)).toEqual([3, 2])
    expect(records.audit.list({ limit: 2, beforeId: page[1]?.id ?? 0 }).map((line) => line.atMs)).toEqual([1])
    const other = openDatabase(path)
    for (const sql of [
      `UPDATE audit SET actor = 'Eve'`,
      'DELETE FROM audit',
      `INSERT OR REPLACE INTO audit (id, atMs, actor, action) VALUES (1, 1, 'Eve', 'x')`,
    ]) {
      expect(() => other.exec(sql)).toThrow(/append-only/)
    }
    other.close()
    records.close()
  })
})
