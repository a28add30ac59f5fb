/** A work on 200 devices, killed again and again: what is done stays untouched, what is uncertain is asked, counts add up. */
import { execFile } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { asIotmcError } from '../../electron/contract/errors'
import type { SiteWork } from '../../electron/contract/site-plan'
import { Records } from '../../electron/store/records'
import { ApplyDouble, NEW } from '../helpers/apply-site'
import { makeFolder } from '../helpers/device-site'
import { requirePrivateNetwork } from '../helpers/private-network'
import { buildProgram } from './build-program'

const PROGRAM = fileURLToPath(new URL('./apply-program.ts', import.meta.url))
const run = promisify(execFile)
const DEVICES = 200
/** Points between one kill and the next; a whole run has many more. */
const KILLS = [150, 2200, 3000, 4000, 3300, 2500, 3700]
const WITHIN_MS = 300_000

const devices = Array.from({ length: DEVICES }, (_, n) => new ApplyDouble(n + 1))
/** Away for as long as this takes; and there, but takes no values. Neither is new. */
const away = devices.filter(({ n }) => n % 20 === 7)
const refusing = devices.filter(({ n }) => n % 20 === 11)
for (const device of away) device.online = false
for (const device of refusing) device.refuses = true
const WELL = DEVICES - away.length - refusing.length
const byUdn = new Map(devices.map((device) => [device.udn, device]))
const folder = makeFolder('apply')
let program: Awaited<ReturnType<typeof buildProgram>>
let server: Server

beforeAll(async () => {
  requirePrivateNetwork()
  program = await buildProgram(PROGRAM)
  server = createServer((asked, answer) => {
    let text = ''
    asked.setEncoding('utf8')
    asked.on('data', (part: string) => {
      text += part
    })
    asked.on('end', () => {
      const { udn, action, args } = JSON.parse(text)
      try {
        answer.end(JSON.stringify(byUdn.get(udn)?.answer(action, args) ?? {}))
      } catch (thrown) {
        answer.writeHead(500).end(JSON.stringify({ code: asIotmcError(thrown).code }))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  preparePlan()
}, 60_000)
afterAll(() => {
  server.closeAllConnections()
  server.close()
  program?.remove()
})

/** Every fourth device is new; the others are members of another group, with the old firmware where a new one is planned. */
const preparePlan = (): void => {
  const records = Records.open(join(folder, 'records.sqlite'))
  records.groups.save('North', { 'Device.Location': 'Hall 7' })
  records.groups.save('South', {})
  for (const device of devices) {
    if (device.n % 4 === 0) device.phase = 'commissioning'
    else {
      device.group = 'South'
      records.devices.put({
        udn: device.udn,
        serialNumber: device.serial,
        group: 'South',
        ldevidSerial: '1',
        firmwareVersion: device.firmware,
      })
    }
  }
  records.expected.replace(
    devices.map(({ serial, n }) => ({
      serialNumber: serial,
      name: `Pump ${n}`,
      group: 'North',
      ...(n % 3 === 0 ? { firmware: NEW } : {}),
    })),
  )
  records.close()
}

/** Runs the program; `killed` where it was. */
const start = async (killAt: number): Promise<'killed' | 'ended'> => {
  const { port } = server.address() as AddressInfo
  try {
    const offline = away.map(({ n }) => n).join(',')
    const args = [folder, String(port), String(DEVICES), String(killAt), offline]
    await run(process.execPath, [program.path, ...args])
    return 'ended'
  } catch (thrown) {
    if (thrown instanceof Error && 'signal' in thrown && thrown.signal === 'SIGKILL') return 'killed'
    throw thrown
  }
}

const rowsNow = (): SiteWork['rows'] => {
  const records = Records.open(join(folder, 'records.sqlite'))
  try {
    const [work] = records.siteWorks.list()
    return work ? records.siteWorks.rows(work.id).map(({ row }) => row) : []
  } finally {
    records.close()
  }
}

/** Every order that the device can have been given once; who refuses values was told what comes before them. */
const ordersFor = ({ n, online, refuses }: ApplyDouble): string[] => {
  if (!online) return []
  return refuses ? ['AssignGroup'] : allOrders(n)
}

const allOrders = (n: number): string[] => [
  n % 4 === 0 ? 'Enroll' : 'AssignGroup',
  'SetValues',
  ...(n % 3 === 0 ? ['Install'] : []),
]

it(
  'ends the same however often the program is killed',
  async () => {
    let kills = 0
    const finished = new Map<string, readonly string[]>()
    const doneAfter: number[] = []
    for (const killAt of [...KILLS, 0]) {
      const outcome = await start(killAt)
      if (outcome === 'killed') kills += 1
      const rows = rowsNow()
      const count = (state: string) => rows.filter((row) => row.state === state).length
      const about = `after ${kills} kills`
      expect(rows.length === 0 ? DEVICES : rows.length, about).toBe(DEVICES)
      const counted = count('previewed') + count('running') + count('held') + count('done') + count('failed')
      expect(counted, about).toBe(rows.length)
      // Who fails is who refuses, and who is away is held at most: neither is ever counted as done.
      for (const { state, udn } of rows) {
        const device = byUdn.get(udn ?? '')
        if (state === 'failed') expect(device?.refuses, about).toBe(true)
        if (state === 'done') expect([device?.online, device?.refuses], about).toEqual([true, false])
      }
      if (outcome === 'ended')
        expect([count('done'), count('failed'), count('held')], about).toEqual([
          WELL,
          refusing.length,
          away.length,
        ])
      // Nobody is told anything again once it is done; and nobody is ever told anything twice.
      for (const [udn, told] of finished) expect(byUdn.get(udn)?.told, about).toEqual(told)
      for (const { told } of devices) expect(new Set(told).size, about).toBe(told.length)
      for (const { state, udn } of rows)
        if (state === 'done' && udn) finished.set(udn, [...(byUdn.get(udn)?.told ?? [])])
      doneAfter.push(finished.size)
      if (outcome === 'ended') break
    }
    expect(kills).toBeGreaterThanOrEqual(6)
    expect(doneAfter.at(-1)).toBe(WELL)
    // Kills struck before, amid and after devices that were done.
    expect(new Set(doneAfter).size).toBeGreaterThan(2)
    for (const device of devices) {
      expect(device.told).toEqual(ordersFor(device))
      if (device.refuses || !device.online) continue
      expect(device.group).toBe('North')
      expect(device.stored.values['Device.Location']).toBe('Hall 7')
      if (device.n % 3 === 0) expect(device.firmware).toBe(NEW)
    }
    const records = Records.open(join(folder, 'records.sqlite'))
    expect(
      records.devices
        .list()
        .map(({ givenName, group }) => `${givenName} ${group}`)
        .sort(),
    ).toEqual(devices.map(({ n, online }) => (online ? `Pump ${n} North` : 'undefined South')).sort())
    records.close()
  },
  WITHIN_MS,
)
