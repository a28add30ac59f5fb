/** A device is sent from its setup network to the plant's, by the terminal and over two real networks. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { labelText } from '../../electron/contract/label'
import { requirePrivateNetwork } from '../helpers/private-network'
import { errorOf, expectArrived, KEY, ProvisionBench, SSID } from '../helpers/provision-bench'
import { PLANT, SETUP } from '../helpers/two-networks'

const WITHIN_MS = 180_000

let bench: ProvisionBench
beforeEach(async () => {
  requirePrivateNetwork()
  bench = await ProvisionBench.open()
})
afterEach(() => bench.close())

const newDevice = async () => {
  const device = await bench.device()
  const ready = await device.ready
  await bench.trust(ready)
  return { device, ...ready }
}

const expectNothingKept = (...secrets: string[]): void => {
  const kept = bench.kept()
  expect(kept).toContain('send-network')
  for (const secret of secrets) expect(kept.toLowerCase().includes(secret.toLowerCase())).toBe(false)
}

describe('a new device', () => {
  it(
    'leaves its setup network, is heard on its own under another BOOTID, and can be commissioned',
    async () => {
      const { device, udn, setupCode, bootId } = await newDevice()
      await bench.ear.heard((seen) => seen.udn === udn && seen.interfaceName === SETUP.here)
      const job = bench.provision(udn, setupCode)
      expect(await job.ended, job.stderr()).toBe(0)
      expect(job.lines.at(-1)).toMatchObject({ udn, state: 'done', step: 'read-back' })
      expectArrived(job, bootId)
      const ofDevice = bench.ear.seen.filter((seen) => seen.udn === udn)
      const left = ofDevice.findIndex(({ kind }) => kind === 'byebye')
      const goodbye = ofDevice[left]
      expect(goodbye?.interfaceName).toBe(SETUP.here)
      const after = ofDevice.slice(left).filter(({ kind }) => kind === 'alive')
      expect(new Set(after.map((seen) => `${seen.interfaceName} ${seen.phase}`))).toEqual(
        new Set([`${PLANT.here} commissioning`]),
      )
      expect(Math.min(...after.map((seen) => seen.bootId ?? 0))).toBeGreaterThan(goodbye?.bootId ?? 0)
      expectNothingKept(setupCode, KEY)
      const commissioned = bench.cli([
        'commission',
        '--udn',
        udn,
        '--group',
        'North',
        '--policy',
        'zero-touch',
      ])
      expect(await commissioned.ended, commissioned.stderr()).toBe(0)
      expect(await bench.state(udn)).toMatchObject({ LifecycleState: 'operation', ManagementGroup: 'North' })
      expect(device.stderr()).not.toContain(KEY)
      // Killed and started again, it is where it was sent.
      await device.kill()
      const again = await bench.device()
      const { phase, secureLocation, bootId: present } = await again.ready
      expect(phase).toBe('operation')
      expect(secureLocation).toContain(PLANT.address)
      // Wiped, it is where it came from.
      const words = ['--confirm', 'WIPE PX200-00001']
      const wiped = bench.cli(['decommission', 'run', '--udn', udn, ...words])
      expect(await wiped.ended, wiped.stderr()).toBe(0)
      const home = await bench.ear.heard(
        (seen) => seen.udn === udn && (seen.bootId ?? 0) > present && seen.phase === 'provisioning',
      )
      expect(home.interfaceName).toBe(SETUP.here)
    },
    WITHIN_MS,
  )

  it(
    'with a wrong password is back on its setup network with the reason, and goes where the right one leads',
    async () => {
      const { udn, setupCode, bootId } = await newDevice()
      const failed = bench.provision(udn, setupCode, 'not-the-key-of-it')
      expect(await failed.ended, failed.stderr()).toBe(102)
      expect(errorOf(failed)).toMatchObject({
        code: 'NETWORK_NOT_JOINED',
        detail: 'the network refused the credential',
      })
      const back = await bench.ear.heard((seen) => seen.udn === udn && (seen.bootId ?? 0) > bootId)
      expect(back).toMatchObject({ kind: 'alive', interfaceName: SETUP.here, phase: 'provisioning' })
      const nowhere = bench.provision(udn, setupCode, KEY, 'No such network')
      expect(await nowhere.ended, nowhere.stderr()).toBe(102)
      expect(errorOf(nowhere).detail).toBe('the device does not find a network of this name')
      // The label as it is scanned, and the password in a file.
      const label = bench.secretFile('label', labelText({ udn, serialNumber: 'PX200-00001', setupCode }))
      const right = bench.cli([
        ...['provision', 'network', '--udn', udn, '--ssid', SSID],
        ...['--setup-code-file', label, '--credential-file', bench.secretFile('key', KEY)],
      ])
      expect(await right.ended, right.stderr()).toBe(0)
      expect((await bench.state(udn)).LifecycleState).toBe('commissioning')
      expectNothingKept(setupCode, KEY, 'not-the-key-of-it')
    },
    WITHIN_MS,
  )

  it(
    'tells each wrong setup code, and after five how long it is locked',
    async () => {
      const { device, udn, setupCode } = await newDevice()
      const wrong = setupCode === 'ZZZZ9999' ? 'ZZZZ8888' : 'ZZZZ9999'
      for (let tries = 1; tries <= 5; tries += 1) {
        const job = bench.provision(udn, wrong)
        expect(await job.ended, job.stderr()).toBe(31)
        expect(errorOf(job).code).toBe('SETUP_CODE_WRONG')
      }
      const locked = bench.provision(udn, setupCode)
      expect(await locked.ended, locked.stderr()).toBe(32)
      expect(errorOf(locked).detail).toMatch(/^try again in \d{1,2} s$/)
      // Five tries and the one that was locked out: nothing was tried beside them.
      expect(device.logs.filter(({ event }) => event === 'setup-code-refused')).toHaveLength(6)
      expect((await bench.state(udn)).LifecycleState).toBe('provisioning')
      expectNothingKept(setupCode, wrong, KEY)
    },
    WITHIN_MS,
  )

  it(
    'of a maker that nobody trusts is sent nothing',
    async () => {
      const device = await bench.device()
      const { udn, setupCode } = await device.ready
      const job = bench.provision(udn, setupCode)
      expect(await job.ended, job.stderr()).toBe(33)
      expect(errorOf(job).code).toBe('IDENTITY_NOT_TRUSTED')
      expect(device.logs.filter(({ event }) => event.startsWith('setup-code'))).toEqual([])
    },
    WITHIN_MS,
  )
})
