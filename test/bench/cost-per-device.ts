/** What one more device costs the controller: memory, time of the processor at rest, and time to be listed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createController } from '../../electron/controller'
import { openSettings } from '../../electron/store/settings'
import { makeTempDir } from '../helpers/temp-dir'
import { BENCH_PASSPHRASE } from './support/data-folder'
import type { Print } from './support/print'
import { quietLog } from './support/quiet'

const COUNTS = [10, 100, 1000, 5000]
const REST_MS = 15_000
const LIMIT_MS = 60_000
const POLL_MS = 50

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

const memory = () => {
  collect()
  const { rss, heapUsed } = process.memoryUsage()
  return { rss, heapUsed }
}

const measure = async (count: number, print: Print): Promise<void> => {
  const temp = makeTempDir('iotmc-bench-')
  const dataDir = join(temp.path, 'site')
  const options = {
    dataDir,
    practice: false,
    passphrase: BENCH_PASSPHRASE,
    openSettings: (dir: string) => openSettings(dir),
    log: quietLog,
  }
  const first = await createController(options)
  const people = { technician: 'Bench', siteName: 'Bench', passphrase: BENCH_PASSPHRASE }
  await first.setup({ ...people, interfaces: ['lo'] })
  await first.close()
  const startMs = performance.now()
  const controller = await createController(options)
  print(`start-${count}-devices`, Math.round(performance.now() - startMs), 'ms')
  const before = memory()
  const crowd = spawn(process.execPath, [process.argv[1] ?? ''], {
    env: { ...process.env, IOTMC_BENCH_ROLE: 'crowd', IOTMC_BENCH_DEVICES: String(count) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  try {
    const beganAt = performance.now()
    const listed = (): number => controller.devices().filter((device) => device.model !== undefined).length
    while (listed() < count && performance.now() - beganAt < LIMIT_MS) await pause(POLL_MS)
    print(`listed-${count}-devices`, Math.round(performance.now() - beganAt), 'ms')
    print(`missing-of-${count}-devices`, count - listed(), 'devices')
    const cpu = process.cpuUsage()
    await pause(REST_MS)
    const { user, system } = process.cpuUsage(cpu)
    const perMinute = ((user + system) / 1000) * (60_000 / REST_MS)
    const after = memory()
    print(`heap-a-device-of-${count}`, Math.round((after.heapUsed - before.heapUsed) / count), 'bytes')
    print(`rss-a-device-of-${count}`, Math.round((after.rss - before.rss) / count), 'bytes')
    print(`rest-cpu-a-minute-${count}-devices`, Math.round(perMinute), 'ms')
    print(`rest-cpu-a-device-and-minute-of-${count}`, Math.round((perMinute / count) * 1000) / 1000, 'ms')
  } finally {
    const gone = once(crowd, 'exit')
    crowd.kill()
    await gone
    await controller.close()
    temp.remove()
  }
}

/** Devices are advertised by real datagrams and described by real documents; each is said again every 15 s. */
export const run = async (print: Print): Promise<void> => {
  for (const count of COUNTS) await measure(count, print)
}
