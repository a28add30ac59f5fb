/** Diagnostics:1 and Access:1 of a device process, over real mutual TLS, with the process killed in the middle. */
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type LogRecord, logRecordSchema } from '../../electron/contract/device-log'
import { asIotmcError } from '../../electron/contract/errors'
import { healthReportSchema } from '../../electron/contract/health'
import { ROLES, type ServiceName, serviceId, serviceType } from '../../electron/contract/names'
import type { FaultName } from '../../electron/device/faults'
import { QUIET_AFTER } from '../../electron/device/health-feed'
import type { Authority } from '../../electron/identity/authority'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { systemClock } from '../../electron/net/clock'
import { parseDescription } from '../../electron/upnp/description'
import { Subscription } from '../../electron/upnp/gena-client'
import { loadScpd } from '../../electron/upnp/scpd-files'
import { ControllerDouble } from '../helpers/controller-double'
import { type DeviceProcess, killDevices, type Ready, startDevice } from '../helpers/device-process'
import { makeAuthority, makeClient, makeFolder, type SiteClient } from '../helpers/device-site'
import { requirePrivateNetwork } from '../helpers/private-network'

let site: Authority
let admin: SiteClient
let basic: SiteClient
let factory = ''
let anchor = ''
let controller: ControllerDouble
let state = ''
let bootId = 0
let ends: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  requirePrivateNetwork()
  site = await makeAuthority('Site')
  admin = await makeClient(site, 'Admin')
  basic = await makeClient(site, 'Basic')
  factory = join(makeFolder('factory'), 'factory')
  await openPracticeFactory(factory)
  anchor = join(makeFolder('anchor'), 'site-ca.pem')
  writeFileSync(anchor, site.certificatePem)
})
beforeEach(() => {
  state = makeFolder('device')
  bootId += 1
  controller = new ControllerDouble({
    site,
    identity: admin,
    factoryRoot: () => readFileSync(join(factory, 'root.pem'), 'utf8'),
    bootId,
  })
})
afterEach(async () => {
  for (const end of ends.reverse()) await end()
  ends = []
  await killDevices()
  await controller.stop()
})

interface Started {
  readonly device: DeviceProcess
  readonly ready: Ready
}

const start = async (...extra: string[]): Promise<Started> => {
  const device = await startDevice([
    ...['--state', state, '--interface', 'lo', '--factory', factory, '--anchor', anchor],
    ...extra,
  ])
  return { device, ready: await device.ready }
}

type Args = Record<string, string>
const ask = ({ ready }: Started, action: string, args: Args = {}, identity = admin): Promise<Args> => {
  const [service = '', name = ''] = action.split('.')
  return controller.call(ready.secureLocation, service as ServiceName, name, args, identity)
}
/** The answer, or the code of the error. */
const tryTo = (on: Started, action: string, args: Args = {}, identity = admin): Promise<Args | string> =>
  ask(on, action, args, identity).catch((thrown: unknown) => asIotmcError(thrown).code)

const WHOLE = { MinSeverity: '7', From: '', To: '', Limit: '1000' }

interface Reading {
  readonly records: readonly LogRecord[]
  readonly logId: string
  readonly oldest: number
  readonly newest: number
  readonly dropped: number
}
/** Everything above a sequence number, page by page. */
const readLog = async (on: Started, after = 0, limit = 1000): Promise<Reading> => {
  const records: LogRecord[] = []
  for (let from = after; ; from = records.at(-1)?.sequence ?? from) {
    const args = { ...WHOLE, Limit: String(limit), AfterSequence: String(from) }
    const answer = await ask(on, 'Diagnostics.GetDiagnosticsLog', args)
    const page: unknown[] = JSON.parse(answer.Records ?? '')
    records.push(...page.map((record) => logRecordSchema.parse(record)))
    if (answer.More === '1') continue
    const [oldest, newest, dropped] = [answer.OldestSequence, answer.NewestSequence, answer.Dropped].map(
      Number,
    )
    return { records, logId: answer.LogId ?? '', oldest, newest, dropped } as Reading
  }
}
const sequences = (records: readonly LogRecord[]): number[] => records.map(({ sequence }) => sequence)
const range = (from: number, to: number): number[] => [...Array(to - from + 1).keys()].map((n) => from + n)
const clear = (on: Started, logId: string, through: number, identity = admin) =>
  tryTo(on, 'Diagnostics.ClearDiagnosticsLog', { LogId: logId, ThroughSequence: String(through) }, identity)
const fault = (...names: FaultName[]): string[] => names.flatMap((name) => ['--fault', name])

/** Events of Diagnostics:1 as they come. */
const listen = async (on: Started) => {
  const events: { values: Args; initial: boolean }[] = []
  const waiting = new Set<() => void>()
  const client = controller.client()
  const answer = await client.request({ url: on.ready.secureLocation, method: 'GET' })
  const { services } = parseDescription(answer.body, on.ready.secureLocation)
  const found = services.find((each) => each.serviceType === serviceType('Diagnostics'))
  const subscription = new Subscription({
    clock: systemClock,
    client,
    eventSubUrl: found?.eventSubUrl ?? '',
    ...controller.notifications,
    onEvent: (values, initial) => {
      events.push({ values, initial })
      for (const look of [...waiting]) look()
    },
  })
  await subscription.start()
  ends.push(() => subscription.close().then(() => client.close()))
  /** Resolves once `fits` does. */
  const until = (fits: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!fits()) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return { events, until, of: (name: string) => events.filter(({ values }) => values[name] !== undefined) }
}

const inOperation = async (...extra: string[]): Promise<Started> => {
  await controller.start()
  const started = await start(...extra)
  await started.device.log((line) => line.event === 'phase' && line.phase === 'operation')
  return started
}

describe('health', () => {
  it('is told on asking and by event, as often as promised and no more', async () => {
    await controller.start()
    const on = await start('--health-interval', '1')
    const { Health = '' } = await ask(on, 'Diagnostics.GetHealth', {}, basic)
    expect(healthReportSchema.parse(JSON.parse(Health))).toMatchObject({
      clockSynchronised: true,
      boot: 1,
      intervalS: 1,
      link: { name: 'lo', up: true },
    })
    const heard = await listen(on)
    const first = () => heard.events.find(({ initial }) => initial)
    await heard.until(() => heard.of('Health').length >= 4 && first() !== undefined)
    expect(Object.keys(first()?.values ?? {}).sort()).toEqual(['ActiveTestIDs', 'Health', 'LogSequence'])
    // A subscription that is made anew brings the last one again.
    const told = new Set(heard.of('Health').map(({ values }) => values.Health ?? ''))
    const reports = [...told].map((text) => healthReportSchema.parse(JSON.parse(text)))
    for (const [i, report] of reports.entries())
      expect(report.uptimeS - (reports[i - 1]?.uptimeS ?? -1)).toBeGreaterThan(0.9)
  })

  it('falls silent with the fault quiet, in events and on asking', async () => {
    await controller.start()
    const on = await start('--health-interval', '1', ...fault('quiet'))
    const heard = await listen(on)
    await heard.until(() => heard.of('Health').length > 0)
    let end: Args | string = {}
    while (typeof end !== 'string') end = await tryTo(on, 'Diagnostics.GetHealth')
    expect(end).toBe('ACTION_FAILED')
    const told = new Set(heard.of('Health').map(({ values }) => values.Health))
    expect(told.size).toBeGreaterThan(0)
    expect(told.size).toBeLessThanOrEqual(QUIET_AFTER)
  })

  it('comes in no event from a device that loses them, though the subscription is granted', async () => {
    await controller.start()
    const on = await start('--health-interval', '1', ...fault('lose-events'))
    const heard = await listen(on)
    for (let uptimeS = 0; uptimeS < 4; ) {
      const { Health = '' } = await ask(on, 'Diagnostics.GetHealth')
      uptimeS = JSON.parse(Health).uptimeS
    }
    expect(heard.events).toEqual([])
  })

  it('follows the interval of the configuration, and counts starts', async () => {
    const on = await start()
    const health = async (from: Started) =>
      JSON.parse((await ask(from, 'Diagnostics.GetHealth')).Health ?? '')
    expect(await health(on)).toMatchObject({ intervalS: 5, boot: 1 })
    const Values = '{"Report.IntervalSeconds":"40"}'
    await ask(on, 'Configuration.SetValues', { ConfigurationVersion: '1', Values })
    expect(await health(on)).toMatchObject({ intervalS: 40 })
    await ask(on, 'Lifecycle.Reboot')
    await on.device.log((line) => line.event === 'up' && line.bootId === 2)
    const places = on.device.logs.findLast(({ event }) => event === 'up')
    const again = { ...on, ready: { ...on.ready, secureLocation: String(places?.secureLocation) } }
    expect(await health(again)).toMatchObject({ intervalS: 40, boot: 2 })
    expect((await readLog(again)).records.map(({ code }) => code)).toContain('system.reboot')
  })
})

describe('a log', () => {
  it('says what was done and who asked, dated by a clock that may be wrong', async () => {
    const on = await start(...fault('clock-behind'))
    await ask(on, 'Configuration.SetValues', { ConfigurationVersion: '7', Values: '{"Pump.MaxFlow":"30"}' })
    const answer = await ask(on, 'Diagnostics.GetDiagnosticsLog', { ...WHOLE, AfterSequence: '0' })
    const behindMs = Date.now() - Date.parse(answer.DeviceTime ?? '')
    expect(Math.abs(behindMs - 600_000)).toBeLessThan(5_000)
    const { records } = await readLog(on)
    expect(sequences(records)).toEqual(range(1, records.length))
    expect(records.every(({ clockSynchronised }) => !clockSynchronised)).toBe(true)
    expect(records).toContainEqual(
      expect.objectContaining({ code: 'configuration.changed', message: 'Configuration 7 is in use' }),
    )
    expect(records).toContainEqual(
      expect.objectContaining({ code: 'access.action', message: `SetValues by ${admin.udn}`, severity: 5 }),
    )
    expect(JSON.stringify(records)).not.toContain(on.ready.setupCode)
  })

  it('retrieved, killed in the middle of writing, retrieved again: nothing is lost and nothing is twice', async () => {
    const storm = ['--log-bytes', String(4 * 1024 * 1024), ...fault('log-storm')]
    const seen = new Map<number, string>()
    const take = (records: readonly LogRecord[]): void => {
      for (const record of records) {
        const text = JSON.stringify(record)
        // The same number never names two records, also across kills.
        expect(seen.get(record.sequence) ?? text).toBe(text)
        seen.set(record.sequence, text)
      }
    }
    let logId = ''
    let after = 0
    for (let round = 1; round <= 3; round += 1) {
      const on = await start(...storm)
      const before = await readLog(on, after, 37)
      expect(logId || before.logId).toBe(before.logId)
      logId = before.logId
      take(before.records)
      // Going on where we were: no gap across the kill.
      expect(sequences(before.records)).toEqual(range(after + 1, after + before.records.length))
      await on.device.log((line) => line.event === 'storm' && Number(line.n) >= 60)
      const second = await readLog(on, before.records.at(-1)?.sequence)
      take(second.records)
      after = second.newest
      await on.device.kill('SIGKILL')
    }
    const last = await start('--log-bytes', String(4 * 1024 * 1024))
    const all = await readLog(last)
    take(all.records)
    expect(sequences(all.records)).toEqual(range(1, all.newest))
    expect(seen.size).toBe(all.newest)
    expect(all.dropped).toBe(0)
    expect(new Set(all.records.map(({ boot }) => boot))).toEqual(new Set([1, 2, 3, 4]))
    const order = all.records.map(({ boot, sequence }) => boot * 1e6 + sequence)
    expect(order).toEqual([...order].sort((a, b) => a - b))
  }, 180_000)

  it('loses exactly the oldest when it is full, says how many, and keeps at least 64 KiB', async () => {
    const on = await start(...fault('log-storm'))
    await on.device.log((line) => line.event === 'storm' && Number(line.n) >= 600)
    const { records, oldest, newest, dropped } = await readLog(on)
    expect(dropped).toBeGreaterThan(50)
    expect(oldest).toBe(dropped + 1)
    expect(sequences(records)).toEqual(range(records[0]?.sequence ?? 0, newest))
    const bytes = records.reduce((sum, record) => sum + Buffer.byteLength(JSON.stringify(record)) + 1, 0)
    expect(bytes).toBeGreaterThan(64 * 1024 - 512)
    await on.device.kill('SIGKILL')
    const again = await readLog(await start())
    expect(again.oldest).toBe(again.dropped + 1)
    expect(sequences(again.records)).toEqual(range(again.oldest, again.newest))
  })

  it('is cleared only as far as it was read, by Admin, and stays so over a kill', async () => {
    const on = await start()
    const { logId } = await readLog(on, 3)
    expect(await clear(on, logId, 2)).toBe('NOT_RETRIEVED')
    expect(await clear(on, logId, 9999)).toBe('LOG_RANGE_GONE')
    expect(await clear(on, '0123456789abcdef', 2)).toBe('LOG_RANGE_GONE')
    expect(await tryTo(on, 'Diagnostics.GetDiagnosticsLog', { ...WHOLE, AfterSequence: '9999' })).toBe(
      'LOG_RANGE_GONE',
    )
    const { newest } = await readLog(on)
    expect(await clear(on, logId, newest, basic)).toBe('NOT_AUTHORIZED')
    expect(await clear(on, logId, newest)).toEqual({})
    expect(await clear(on, logId, newest)).toEqual({})
    await on.device.kill('SIGKILL')
    const again = await readLog(await start())
    expect([again.logId, again.oldest, again.dropped]).toEqual([logId, newest + 1, 0])
    expect(again.records[0]).toMatchObject({
      sequence: newest + 1,
      code: 'access.call-refused',
      message: `ClearDiagnosticsLog by ${basic.udn} refused: NOT_AUTHORIZED`,
    })
    expect(again.records[1]).toMatchObject({ code: 'log.cleared', data: { through: String(newest) } })
  })

  it.each(['die-before-clear', 'die-after-clear'] as const)(
    'is cleared once and for all by whoever asks again, after %s',
    async (name) => {
      const on = await start(...fault(name))
      const { logId, newest, records } = await readLog(on)
      expect(await clear(on, logId, newest)).not.toEqual({})
      expect(await on.device.ended).toBe('SIGKILL')
      const again = await start(...fault(name))
      const between = await readLog(again)
      expect(between.oldest).toBe(name === 'die-before-clear' ? 1 : newest + 1)
      if (name === 'die-before-clear') expect(between.records.slice(0, records.length)).toEqual(records)
      expect(await clear(again, logId, newest)).toEqual({})
      const end = await readLog(again)
      expect([end.logId, end.oldest, end.dropped]).toEqual([logId, newest + 1, 0])
    },
  )

  it('is another one after a wipe, with nothing of the old one in its file', async () => {
    const on = await start()
    const before = await readLog(on)
    expect(before.records.map(({ code }) => code)).toContain('enrollment.anchor')
    await ask(on, 'Lifecycle.Decommission', { Nonce: '5'.repeat(32) })
    await on.device.log((line) => line.event === 'phase' && line.phase === 'provisioning')
    const text = readFileSync(join(state, 'log.jsonl'), 'utf8')
    expect(text).not.toContain(before.logId)
    expect(text).not.toContain('enrollment.anchor')
    expect(text).not.toContain(admin.udn)
    expect(readdirSync(state).filter((name) => name.startsWith('log'))).toEqual(['log.jsonl'])
    const [first = ''] = text.split('\n')
    expect(JSON.parse(first)).toMatchObject({ wipes: 1, dropped: 0, retrieved: 0 })
  })

  it('goes to a storage that is plugged in, whole, or says that there is none or that it is full', async () => {
    const stick = join(makeFolder('stick'), 'usb')
    const on = await start('--external-storage', stick)
    const write = (Target: string) => tryTo(on, 'Diagnostics.ExportDiagnosticsLog', { Target })
    expect(await write('log.jsonl')).toBe('NO_EXTERNAL_STORAGE')
    mkdirSync(stick)
    expect(await write('../log.jsonl')).toBe('VALUE_INVALID')
    const { records } = await readLog(on)
    const answer = await write('log.jsonl')
    const lines = readFileSync(join(stick, 'log.jsonl'), 'utf8').trimEnd().split('\n')
    expect(answer).toEqual({ File: 'log.jsonl', Written: String(lines.length) })
    expect(lines.slice(0, records.length).map((line) => JSON.parse(line))).toEqual(records)
    // The system's own full disk takes the place of the file that is written aside.
    symlinkSync('/dev/full', join(stick, `second.jsonl.${on.ready.pid}.tmp`))
    expect(await write('second.jsonl')).toBe('NO_SPACE')
    expect(readdirSync(stick)).toEqual(['log.jsonl'])
  })
})

describe('roles', () => {
  /** Arguments that the caller's own check lets through. */
  const anyArgs = (service: ServiceName, action: string): Args =>
    Object.fromEntries(
      (loadScpd(service).actions.get(action)?.in ?? []).map(({ name, variable }) => {
        const { allowed, dataType, minimum = 1 } = variable
        return [name, allowed?.[0] ?? (dataType.startsWith('string') ? '' : String(minimum))]
      }),
    )

  it('are what Access:1 says: a Basic client is refused every Admin action, each tried', async () => {
    const on = await inOperation()
    const answer = await controller.client().request({ url: on.ready.secureLocation, method: 'GET' })
    const listed = parseDescription(answer.body, on.ready.secureLocation).services
    const services: ServiceName[] = ['Lifecycle', 'Configuration', 'Firmware', 'Diagnostics', 'Access']
    expect(listed.map((each) => each.serviceType)).toEqual(services.map(serviceType))
    // What has no evented variables says so by an empty address (UDA 2.0 §2.3).
    expect(listed.filter(({ eventSubUrl }) => eventSubUrl === '')).toMatchObject([
      { serviceType: serviceType('Access') },
    ])
    expect(await ask(on, 'Access.GetAssignedRoles', {}, basic)).toEqual({ RoleList: 'Public Basic' })
    expect(await ask(on, 'Access.GetAssignedRoles')).toEqual({ RoleList: 'Public Basic Admin' })
    let [refused, allowed] = [0, 0]
    for (const service of services) {
      for (const { name, role } of loadScpd(service).actions.values()) {
        const args = { ServiceId: serviceId(service), ActionName: name }
        const { RoleList = '' } = await ask(on, 'Access.GetRolesForAction', args, basic)
        expect(RoleList).toBe(ROLES.slice(ROLES.indexOf(role)).join(' '))
        const given = await tryTo(on, `${service}.${name}`, anyArgs(service, name), basic)
        if (RoleList.split(' ').includes('Basic')) {
          expect(given, `${service}.${name}`).not.toBe('NOT_AUTHORIZED')
          allowed += 1
        } else {
          expect(given, `${service}.${name}`).toBe('NOT_AUTHORIZED')
          refused += 1
        }
      }
    }
    expect([refused, allowed]).toEqual([20, 15])
    const noted = (await readLog(on)).records.filter(({ data }) => data?.code === 'NOT_AUTHORIZED')
    expect(noted).toHaveLength(refused)
    expect(await tryTo(on, 'Access.GetRolesForAction', { ServiceId: 'x', ActionName: 'y' })).toBe(
      'VALUE_INVALID',
    )
  })
})

describe('tests', () => {
  it('wait for operation, are told by event, and leave a result and their trace in the log', async () => {
    const early = await start()
    expect(await tryTo(early, 'Diagnostics.SelfTest', { Component: 'Memory' })).toBe('WRONG_PHASE')
    await early.device.kill()
    const on = await inOperation()
    const heard = await listen(on)
    const { TestID = '' } = await ask(on, 'Diagnostics.SelfTest', { Component: 'Memory' })
    await heard.until(() => {
      const told = heard.of('ActiveTestIDs').map(({ values }) => values.ActiveTestIDs)
      return told.includes(`[${TestID}]`) && told.at(-1) === '[]'
    })
    expect(await ask(on, 'Diagnostics.GetTestInfo', { TestID })).toEqual({
      Type: 'SelfTest',
      State: 'Completed',
    })
    expect(await tryTo(on, 'Diagnostics.GetTestInfo', { TestID: '1' })).toBe('TEST_UNKNOWN')
    const { records } = await readLog(on)
    expect(records.map(({ code }) => code)).toEqual(expect.arrayContaining(['test.begun', 'test.completed']))
  })
})
