/** Kills the controller, or the device, in each step of provisioning; the device is told once, and arrives. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { JOB_STEPS } from '../../electron/contract/job'
import type { LogLine } from '../helpers/device-process'
import { requirePrivateNetwork } from '../helpers/private-network'
import { ProvisionBench } from '../helpers/provision-bench'

const WITHIN_MS = 180_000
const ORDER: readonly string[] = JOB_STEPS.provision
const SECRET_NEEDED = 74

let bench: ProvisionBench
beforeEach(async () => {
  requirePrivateNetwork()
  bench = await ProvisionBench.open()
})
afterEach(() => bench.close())

const begin = async () => {
  const device = await bench.device()
  const ready = await device.ready
  await bench.trust(ready)
  return { device, ...ready, job: bench.provision(ready.udn, ready.setupCode) }
}

describe('a kill', () => {
  it.each(ORDER)(
    'of the controller at %s: it goes on without the secret, or asks for it and has sent nothing',
    async (step) => {
      const { device, udn, setupCode, job } = await begin()
      await job.line((line) => ORDER.indexOf(String(line.step)) >= ORDER.indexOf(step))
      await job.kill('SIGKILL')
      const resumed = bench.cli(['jobs', 'resume'])
      const code = await resumed.ended
      if (code === SECRET_NEEDED) {
        expect(device.logs.some(({ event }) => event === 'network-change')).toBe(false)
        const again = bench.provision(udn, setupCode)
        expect(await again.ended, again.stderr()).toBe(0)
      } else {
        expect(code, resumed.stderr()).toBe(0)
      }
      expect((await bench.state(udn)).LifecycleState).toBe('commissioning')
      expect(device.logs.filter(({ event }) => event === 'network-joined')).toHaveLength(1)
    },
    WITHIN_MS,
  )

  it(
    'in order, while the device tries its network, is heeded at once, and it tries again when it is started',
    async () => {
      const { device, udn, job } = await begin()
      const trying = (line: LogLine): boolean => line.event === 'network-trying'
      await device.log(trying)
      expect(await device.kill('SIGTERM')).toBe(0)
      const second = await bench.device()
      await second.log(trying)
      expect(await second.kill('SIGTERM')).toBe(0)
      expect(second.stdout()).toBe('')
      await bench.device()
      expect(await job.ended, job.stderr()).toBe(0)
      expect((await bench.state(udn)).LifecycleState).toBe('commissioning')
    },
    WITHIN_MS,
  )

  it.each(['phase', 'network-change', 'network-joined'])(
    'of the device at its event %s: it ends what it was told, and the job with it',
    async (event) => {
      const { device, udn, job } = await begin()
      await device.log((line) => line.event === event)
      await device.kill('SIGKILL')
      const again = await bench.device()
      expect((await again.ready).phase).toBe('commissioning')
      expect(await job.ended, job.stderr()).toBe(0)
      expect((await bench.state(udn)).LifecycleState).toBe('commissioning')
    },
    WITHIN_MS,
  )
})
