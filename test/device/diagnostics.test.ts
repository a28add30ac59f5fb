/** Diagnostics:1 of the reference device without its sockets: what is logged, what is kept secret, what is answered. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LogRecord, logRecordSchema } from '../../electron/contract/device-log'
import { asIotmcError } from '../../electron/contract/errors'
import { deviceClock } from '../../electron/device/device-clock'
import { diagnosticsActions } from '../../electron/device/diagnostics-service'
import type { FaultName } from '../../electron/device/faults'
import { notedActions } from '../../electron/device/log-actions'
import { exportLog } from '../../electron/device/log-export'
import { LogKeeper } from '../../electron/device/log-keeper'
import { LOG_FILE, LogRing } from '../../electron/device/log-ring'
import { KEPT_EVENTS, LEFT_OUT, wordsFor } from '../../electron/device/log-words'
import { parametersOf } from '../../electron/device/models'
import { factoryConfiguration } from '../../electron/device/parameters'
import { OPEN_GUARD } from '../../electron/device/setup-code'
import type { DeviceState } from '../../electron/device/state'
import { systemRandom } from '../../electron/net/clock'
import { makeTempDir } from '../helpers/temp-dir'
import { VirtualClock } from '../helpers/virtual-clock'

const SETUP_CODE = 'QXZT4711'
const CREDENTIAL = 'network-key-of-the-plant'
const JOINING = 'another-network-key'
const PRIVATE_KEY = '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----'
const ADMIN = 'uuid:00000000-0000-4000-8000-0000000000aa'

let clock: VirtualClock
let dir: ReturnType<typeof makeTempDir>
let ring: LogRing
let keeper: LogKeeper
let state: DeviceState
const said: string[] = []

beforeEach(() => {
  clock = new VirtualClock()
  dir = makeTempDir('iotmc-diag-')
  said.length = 0
  state = {
    format: 1,
    udn: 'uuid:00000000-0000-4000-8000-000000000001',
    model: 'PX-200',
    serialNumber: 'PX-1',
    name: 'Pump',
    hardwareRevision: 'C2',
    firmwareVersion: '1.4.0',
    phase: 'operation',
    bootId: 1,
    setupCode: SETUP_CODE,
    setupGuard: OPEN_GUARD,
    network: { ssid: 'plant', credential: CREDENTIAL },
    joining: { ssid: 'other', credential: JOINING, anchorPem: '' },
    lastGeneration: 0,
    configuration: factoryConfiguration(parametersOf('PX-200')),
    faultsFired: [],
  }
  open()
})
afterEach(() => {
  ring.close()
  dir.remove()
})

const open = (): void => {
  ring = LogRing.open(dir.path, { clock: deviceClock(clock, []), random: systemRandom })
  keeper = new LogKeeper({ clock, ring, next: (event) => said.push(event) })
  keeper.bind(() => state)
}
const set = (values: Record<string, string>): void => {
  const { configuration } = state
  state = { ...state, configuration: { ...configuration, values: { ...configuration.values, ...values } } }
}
const file = () => readFileSync(join(dir.path, LOG_FILE), 'utf8')
const codes = () => ring.records().map(({ code }) => code)

describe('what the device does', () => {
  it('has its line in the log, or a reason why not, for each event that any part of it tells', () => {
    const sources = ['device', 'upnp'].map((room) => join(import.meta.dirname, '../../electron', room))
    const told = new Set<string>()
    for (const folder of sources) {
      for (const name of readdirSync(folder)) {
        const text = readFileSync(join(folder, name), 'utf8')
        for (const [, event = ''] of text.matchAll(/\blog(?:\?\.)?\(\s*'([a-z-]+)'/g)) told.add(event)
      }
    }
    expect(told.size).toBeGreaterThan(50)
    const known = new Set([...KEPT_EVENTS, ...Object.keys(LEFT_OUT)])
    expect([...told].filter((event) => !known.has(event))).toEqual([])
  })

  it('is a record of the contract, with severity, component, code and message', () => {
    set({ 'Log.MinSeverity': 'debug' })
    const facts = {
      code: 'TIMED_OUT',
      detail: 'why',
      version: '2.0.0',
      by: ADMIN,
      action: 'Rollback',
      records: 3,
    }
    for (const event of KEPT_EVENTS)
      keeper.log(event, { ...facts, ssid: 'plant', sensor: 'supply', value: '9 V' })
    const records = ring.records()
    expect(new Set(codes()).size).toBe(KEPT_EVENTS.length)
    for (const record of records) {
      expect(logRecordSchema.parse(record)).toEqual(record)
      expect(record.message).toMatch(/^([A-Z]|3 |supply)/)
      expect(record.message).not.toMatch(/[{}]/)
      expect(record.code.startsWith(`${record.component}.`)).toBe(true)
    }
    expect(said).toHaveLength(KEPT_EVENTS.length + 1)
  })

  it.each([
    ['phase', { phase: 'operation' }, 5, 'Phase is now operation'],
    [
      'peer-refused',
      { remote: '10.0.0.9', code: 'IDENTITY_NOT_TRUSTED' },
      4,
      'Peer at 10.0.0.9 refused: IDENTITY_NOT_TRUSTED',
    ],
    ['update', { state: 'staged', version: '2.0.0' }, 5, 'Update to 2.0.0: staged'],
    ['update', { state: 'failed', version: '2.0.0', code: 'HASH_MISMATCH' }, 3, 'Update to 2.0.0: failed'],
    ['test-completed', { id: 4, type: 'Ping', status: 'failed' }, 4, 'Test 4 Ping ended: failed'],
    ['action', { action: 'SetValues', by: ADMIN, role: 'Admin' }, 5, `SetValues by ${ADMIN}`],
  ])('says %s %o so that it can be read', (event, facts, severity, message) => {
    expect(wordsFor(event, facts)).toMatchObject({ severity, message })
  })

  it('never lets a secret into the log, wherever it is told', () => {
    set({ 'Log.MinSeverity': 'debug' })
    const names = new Set(
      [
        ...readFileSync(join(import.meta.dirname, '../../electron/device/log-words.ts'), 'utf8').matchAll(
          /\{?(\w+)\}?/g,
        ),
      ].map(([, name = '']) => name),
    )
    for (const event of KEPT_EVENTS) {
      for (const secret of [SETUP_CODE, CREDENTIAL, JOINING, PRIVATE_KEY]) {
        const planted = `the value ${secret} was refused`
        keeper.log(event, {
          ...Object.fromEntries([...names].map((name) => [name, planted])),
          // Named as secrets are, these have no place in a record at all.
          setupCode: secret,
          credential: secret,
          keyPem: secret,
          SetupCode: secret,
          more: { secret },
        })
        keeper.log(event, Object.fromEntries([...names].map((name) => [name, [secret, { secret }]])))
        clock.advance(11_000)
      }
    }
    expect(ring.count).toBeGreaterThan(100)
    const text = file()
    expect(text).toContain('[redacted]')
    for (const secret of [SETUP_CODE, CREDENTIAL, JOINING, 'MIGHAgEAMBMGByqGSM49', 'PRIVATE KEY'])
      expect(text).not.toContain(secret)
  })

  it('is kept from the severity on that the configuration says', () => {
    keeper.log('booting', { slot: 'A', version: '1.4.0' })
    expect(codes()).toEqual(['log.begun'])
    set({ 'Log.MinSeverity': 'error' })
    keeper.log('phase', { phase: 'operation' })
    keeper.log('no-image')
    set({ 'Log.MinSeverity': 'info' })
    keeper.log('booting', { slot: 'A', version: '1.4.0' })
    expect(codes()).toEqual(['log.begun', 'firmware.no-image', 'firmware.booting'])
    expect(keeper.counts).toEqual({ critical: 1, error: 0, warning: 0 })
  })

  it('cannot be flooded out by what others may repeat: the same again is counted', () => {
    const refused = () => keeper.log('peer-refused', { remote: '10.0.0.9', code: 'TLS_REFUSED' })
    for (let i = 0; i < 500; i += 1) refused()
    clock.advance(11_000)
    refused()
    const records = ring.records().filter(({ code }) => code === 'access.peer-refused')
    expect(records).toHaveLength(2)
    expect(records[1]?.data).toMatchObject({ repeated: '499' })
    expect(said).toHaveLength(502)
  })

  it('cannot be flooded out by what others make up either: so many different ones in a time, and no more', () => {
    for (let i = 0; i < 500; i += 1) keeper.log('peer-refused', { remote: `fe80::${i}`, code: 'TLS_REFUSED' })
    expect(ring.count).toBe(41)
    keeper.log('phase', { phase: 'operation' })
    expect(ring.count).toBe(42)
    clock.advance(11_000)
    for (let i = 0; i < 500; i += 1) keeper.log('peer-refused', { remote: `fe80::${i}`, code: 'TLS_REFUSED' })
    expect(ring.count).toBe(82)
  })

  it('leaves out that an event of the log itself was not delivered, as that would never end', () => {
    set({ 'Log.MinSeverity': 'debug' })
    keeper.log('event-not-delivered', { service: 'Diagnostics', status: 0 })
    expect(codes()).toEqual(['log.begun'])
    keeper.log('event-not-delivered', { service: 'Lifecycle', status: 0 })
    expect(codes()).toEqual(['log.begun', 'network.event'])
  })

  it('says who had it do something and whom it was refused', async () => {
    const table = notedActions(
      {
        Configuration: {
          SetValues: () => ({}),
          GetValues: () => ({}),
          Rollback: () => {
            throw new Error('anything')
          },
        },
      },
      keeper.log,
    )
    const context = {
      role: 'Admin',
      peerUdn: ADMIN,
      peer: undefined,
      remoteAddress: '',
      signal: AbortSignal.abort(),
    } as const
    await table.Configuration?.GetValues?.({}, context)
    await table.Configuration?.SetValues?.({ Values: 'not to be seen' }, context)
    await expect(
      table.Configuration?.Rollback?.({}, { ...context, peerUdn: undefined } as never),
    ).rejects.toThrow()
    const [, done, refused] = ring.records()
    expect(done).toMatchObject({ severity: 5, message: `SetValues by ${ADMIN}`, data: { role: 'Admin' } })
    expect(refused).toMatchObject({ severity: 4, message: 'Rollback by Admin without a UDN refused: DEFECT' })
    expect(ring.count).toBe(3)
    expect(file()).not.toContain('not to be seen')
  })
})

describe('a wipe', () => {
  it('begins a new log at the next thing that is told, and takes the old bytes with it', () => {
    keeper.log('network-joined', { ssid: 'plant-of-the-site' })
    const { logId } = ring
    state = { ...state, wipes: 1, phase: 'provisioning' }
    keeper.log('phase', { phase: 'provisioning' })
    expect(ring.logId).not.toBe(logId)
    expect(codes()).toEqual(['log.begun', 'lifecycle.phase'])
    expect(ring.records()[0]?.sequence).toBe(1)
    expect(file()).not.toContain('plant-of-the-site')
  })

  it('takes the log with it also when the process was killed between the two', () => {
    keeper.log('network-joined', { ssid: 'plant-of-the-site' })
    state = { ...state, wipes: 1 }
    open()
    expect(codes()).toEqual(['log.begun'])
    expect(ring.boot).toBe(2)
    expect(file()).not.toContain('plant-of-the-site')
    open()
    expect(codes()).toEqual(['log.begun'])
  })
})

it('a restart without a new process is a boot: counts and uptime begin again', () => {
  keeper.log('no-image')
  clock.advance(5000)
  expect([keeper.uptimeMs, keeper.counts.critical, ring.boot]).toEqual([5000, 1, 1])
  keeper.beginBoot()
  expect([keeper.uptimeMs, keeper.counts.critical, ring.boot]).toEqual([0, 0, 2])
  clock.jump(-3600_000)
  expect(keeper.uptimeMs).toBe(0)
})

describe('the actions', () => {
  const died: string[] = []
  const act = async (
    name: string,
    args: Record<string, string> = {},
    { storage, faults = [] }: { storage?: string; faults?: readonly FaultName[] } = {},
  ): Promise<Record<string, string> | string> => {
    const handler = diagnosticsActions({
      ring,
      clock: deviceClock(clock, faults),
      log: keeper.log,
      faults: {
        has: (fault) => faults.includes(fault),
        dieOnce: (fault) => void died.push(`${fault} ${ring.count}`),
      },
      health: () => undefined,
      storage,
    })[name]
    if (!handler) throw new Error(`no ${name}`)
    const signal = new AbortController().signal
    try {
      return await handler(args, {
        role: 'Admin',
        peerUdn: ADMIN,
        peer: undefined,
        remoteAddress: '',
        signal,
      })
    } catch (thrown) {
      return asIotmcError(thrown).code
    }
  }
  const get = (args: Record<string, string> = {}) =>
    act('GetDiagnosticsLog', {
      MinSeverity: '7',
      From: '',
      To: '',
      AfterSequence: '0',
      Limit: '1000',
      ...args,
    })
  const read = async (args: Record<string, string> = {}): Promise<Record<string, string>> => {
    const answer = await get(args)
    if (typeof answer === 'string') throw new Error(answer)
    return answer
  }
  const clear = (through: number, logId = ring.logId) =>
    act('ClearDiagnosticsLog', { LogId: logId, ThroughSequence: String(through) })

  beforeEach(() => {
    died.length = 0
    for (let n = 0; n < 5; n += 1) keeper.log('identify', { seconds: n })
  })

  it('give the log with what a reader needs to know of it', async () => {
    const answer = await read({ AfterSequence: '2', Limit: '2' })
    expect(answer).toMatchObject({
      LogId: ring.logId,
      More: '1',
      Dropped: '0',
      OldestSequence: '1',
      NewestSequence: '6',
      DeviceTime: new Date(clock.now()).toISOString(),
    })
    expect((JSON.parse(answer.Records ?? '') as LogRecord[]).map(({ sequence }) => sequence)).toEqual([3, 4])
    expect(await get({ AfterSequence: '7' })).toBe('LOG_RANGE_GONE')
    expect(await get({ From: 'yesterday' })).toBe('VALUE_INVALID')
    expect(await get({ To: '2026-01-01' })).toBe('VALUE_INVALID')
    expect(await read({ From: '2099-01-01T00:00:00Z' })).toMatchObject({ Records: '[]', More: '0' })
    expect(ring.count).toBe(6)
  })

  it('clear what was read, say so in the log, and may be repeated', async () => {
    expect(await clear(3)).toBe('NOT_RETRIEVED')
    expect(await clear(99)).toBe('LOG_RANGE_GONE')
    expect(await clear(3, '0123456789abcdef')).toBe('LOG_RANGE_GONE')
    await read({ Limit: '3' })
    died.length = 0
    expect(await clear(3)).toEqual({})
    expect(died).toEqual(['die-before-clear 6', 'die-after-clear 4'])
    expect(await clear(3)).toEqual({})
    expect(ring.records().at(-1)).toMatchObject({
      code: 'log.cleared',
      message: `Cleared through 3 by ${ADMIN}`,
      data: { through: '3', removed: '3', by: ADMIN },
    })
    expect(ring.count).toBe(4)
  })

  it('say that there is no health any more', async () => {
    expect(await act('GetHealth')).toBe('ACTION_FAILED')
  })

  it('export the log whole or not at all', async () => {
    const storage = join(dir.path, 'stick')
    const write = (target: string, where: string | undefined = storage) =>
      act('ExportDiagnosticsLog', { Target: target }, where === undefined ? {} : { storage: where })
    expect(await act('ExportDiagnosticsLog', { Target: 'log.jsonl' })).toBe('NO_EXTERNAL_STORAGE')
    expect(await write('log.jsonl')).toBe('NO_EXTERNAL_STORAGE')
    mkdirSync(storage)
    for (const target of ['../log', 'a/b', '', '.hidden', 'a'.repeat(65), 'log\n', 'ä'])
      expect(await write(target), target).toBe('VALUE_INVALID')
    const before = ring.records()
    expect(await write('log.jsonl')).toEqual({ File: 'log.jsonl', Written: '6' })
    const lines = readFileSync(join(storage, 'log.jsonl'), 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(before)
    expect(ring.records().at(-1)).toMatchObject({
      code: 'log.exported',
      message: '6 records written to log.jsonl',
    })
    // A folder stands where the file is to go.
    mkdirSync(join(storage, 'taken'))
    expect(await write('taken')).toBe('ACTION_FAILED')
    expect(readdirSync(storage).sort()).toEqual(['log.jsonl', 'taken'])
  })

  it('tell a full storage from one that was pulled out', () => {
    const storage = join(dir.path, 'stick')
    mkdirSync(storage)
    const failing =
      (code: string, then = () => undefined as unknown) =>
      () => {
        then()
        throw Object.assign(new Error(code), { code })
      }
    const codeOf = (write: () => void) => {
      try {
        return exportLog({ folder: storage, write }, 'log.jsonl', ring.records())
      } catch (thrown) {
        return asIotmcError(thrown).code
      }
    }
    writeFileSync(join(storage, 'log.jsonl'), 'older')
    expect(codeOf(failing('ENOSPC'))).toBe('NO_SPACE')
    expect(codeOf(failing('EDQUOT'))).toBe('NO_SPACE')
    expect(codeOf(failing('EIO'))).toBe('ACTION_FAILED')
    expect(readFileSync(join(storage, 'log.jsonl'), 'utf8')).toBe('older')
    expect(codeOf(failing('EIO', () => rmSync(storage, { recursive: true })))).toBe('NO_EXTERNAL_STORAGE')
  })
})
