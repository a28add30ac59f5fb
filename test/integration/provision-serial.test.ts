/** A device gets its network over a cable: a pair of pseudo terminals, with the device on the far side of two networks. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Job } from '../../electron/contract/job'
import { requirePrivateNetwork } from '../helpers/private-network'
import type { Program } from '../helpers/program'
import { errorOf, expectArrived, KEY, ProvisionBench, SSID } from '../helpers/provision-bench'
import { type PtyPair, startPtyPair } from '../helpers/pty'
import { SETUP } from '../helpers/two-networks'

const WITHIN_MS = 180_000

let bench: ProvisionBench
let cable: PtyPair
beforeEach(async () => {
  requirePrivateNetwork()
  bench = await ProvisionBench.open()
  const folder = join(bench.folder.path, 'cable')
  mkdirSync(folder)
  cable = await startPtyPair(folder)
})
afterEach(async () => {
  await bench.close()
  await cable.stop()
})

const newDevice = async () => {
  const device = await bench.device('--serial-port', cable.device)
  const ready = await device.ready
  await bench.trust(ready)
  return { device, ...ready }
}

const provision = (key = KEY): Program =>
  bench.cli(['provision', 'serial', '--port', cable.station, '--ssid', SSID], { key })

const jobOf = (program: Program): string => String(program.lines.find((line) => line.job)?.job)

describe('over the cable', () => {
  it(
    'a device is looked at, sent to its network, heard there, and read back',
    async () => {
      const { device, udn, bootId } = await newDevice()
      const look = bench.cli(['provision', 'serial', '--port', cable.station])
      expect(await look.ended, look.stderr()).toBe(0)
      expect(look.lines.at(-1)).toMatchObject({
        path: cable.station,
        serialNumber: 'PX200-00001',
        udn,
        phase: 'provisioning',
        locked: true,
        check: { trusted: true, kind: 'IDevID' },
      })
      const job = provision()
      expect(await job.ended, job.stderr()).toBe(0)
      expect(job.lines.at(-1)).toMatchObject({ state: 'done', step: 'read-back', stepState: 'done' })
      expectArrived(job, bootId)
      expect((await bench.state(udn)).LifecycleState).toBe('commissioning')
      expect(bench.kept()).toContain('send-network')
      expect(bench.kept()).not.toContain(KEY)
      expect(device.stderr()).not.toContain(KEY)
    },
    WITHIN_MS,
  )

  it(
    'its word counts where this laptop is not on the network that it joined',
    async () => {
      await newDevice()
      bench.interfaces = [SETUP.here]
      const job = provision()
      expect(await job.ended, job.stderr()).toBe(0)
      const listed = bench.cli(['jobs', 'list'])
      await listed.ended
      const { steps } = listed.lines.at(-1) as unknown as Job
      expect(steps.find(({ name }) => name === 'follow')).toMatchObject({
        state: 'skipped',
        note: expect.stringContaining('does not hear it'),
      })
      expect(job.lines.at(-1)?.note).toBe('commissioning, read over the cable')
    },
    WITHIN_MS,
  )

  it(
    'a wrong password is told in the words of the device, and the right one is taken afterwards',
    async () => {
      const { udn } = await newDevice()
      const wrong = provision('not-the-key-of-it')
      expect(await wrong.ended, wrong.stderr()).toBe(102)
      expect(errorOf(wrong)).toMatchObject({
        code: 'NETWORK_NOT_JOINED',
        detail: 'the network refused the credential',
      })
      const right = provision()
      expect(await right.ended, right.stderr()).toBe(0)
      expect((await bench.state(udn)).LifecycleState).toBe('commissioning')
    },
    WITHIN_MS,
  )

  it(
    'a pulled cable fails the job, and plugged in again it goes on where it was',
    async () => {
      const { device } = await newDevice()
      const job = provision()
      await device.log(({ event }) => event === 'network-change')
      await cable.unplug()
      expect(await job.ended, job.stderr()).toBe(83)
      await cable.replug()
      const resumed = bench.cli(['jobs', 'resume', jobOf(job)])
      expect(await resumed.ended, resumed.stderr()).toBe(0)
      expect(device.logs.filter(({ event }) => event === 'network-joined')).toHaveLength(1)
    },
    WITHIN_MS,
  )

  it(
    'a killed controller asks the device and goes on without the secret',
    async () => {
      const { device, udn } = await newDevice()
      const job = provision()
      await device.log(({ event }) => event === 'network-change')
      await job.kill('SIGKILL')
      const resumed = bench.cli(['jobs', 'resume'])
      expect(await resumed.ended, resumed.stderr()).toBe(0)
      expect((await bench.state(udn)).LifecycleState).toBe('commissioning')
      expect(device.logs.filter(({ event }) => event === 'network-joined')).toHaveLength(1)
    },
    WITHIN_MS,
  )
})
