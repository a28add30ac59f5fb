/** How long it takes until every device of a crowd is listed, each answering three searches within MX. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import type { DeviceDescription } from '../../electron/contract/description'
import { DISCOVERY_LIMITS } from '../../electron/contract/timings'
import { Discovery } from '../../electron/discovery/discovery'
import { systemClock } from '../../electron/net/clock'
import type { Print } from './support/print'

/** The bench is bundled into out/main. */
const CROWD = join(resolve(import.meta.dirname, '../..'), 'test/bench/support/answering-crowd.mjs')
const LIMIT_MS = 60_000

const describeBy = (url: string): DeviceDescription => {
  const n = Number(new URL(url).pathname.split('/')[1])
  return {
    udn: `uuid:5ca1ab1e-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
    deviceType: 'urn:iotmc-org:device:ManagedDevice:1',
    friendlyName: `Sensor ${n}`,
    manufacturer: 'Bench',
    modelName: 'B-1',
    services: [],
    embedded: [],
    repairs: [],
  }
}

const measure = async (count: number, print: Print): Promise<void> => {
  const crowd = spawn(process.execPath, [CROWD, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
  })
  const discovery = new Discovery({
    clock: systemClock,
    interfaces: ['lo'],
    allowOffSubnet: false,
    mxS: DISCOVERY_LIMITS.mxDefaultS,
    readDescription: async (url) => describeBy(url),
  })
  let events = 0
  try {
    await once(crowd.stdout, 'data')
    const cpu = process.cpuUsage()
    const startMs = performance.now()
    const all = new Promise<boolean>((done) => {
      const timer = setTimeout(() => done(false), LIMIT_MS)
      discovery.on('changed', () => {
        events++
        if (discovery.entries().length < count) return
        clearTimeout(timer)
        done(true)
      })
    })
    await discovery.start()
    await all
    const { user, system } = process.cpuUsage(cpu)
    print(`discover-${count}-devices`, Math.round(performance.now() - startMs), 'ms')
    print(`discover-${count}-missing`, count - discovery.entries().length, 'devices')
    print(`discover-${count}-cpu`, Math.round((user + system) / 1000), 'ms')
    print(`discover-${count}-events`, events, 'batches')
    print(`discover-${count}-drops`, discovery.report().kernelDrops ?? 0, 'datagrams')
  } finally {
    await discovery.stop()
    const gone = once(crowd, 'exit')
    crowd.kill()
    await gone
  }
}

/** The aims: 1,000 within MX + 2 s, 5,000 within 12 s, none missing. */
export const run = async (print: Print): Promise<void> => {
  await measure(1000, print)
  await measure(5000, print)
}
