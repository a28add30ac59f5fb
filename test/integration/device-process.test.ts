/** How the device process begins and ends. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Discovery } from '../../electron/discovery/discovery'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { systemClock } from '../../electron/net/clock'
import { killDevices, startDevice } from '../helpers/device-process'
import { makeFolder } from '../helpers/device-site'
import { requirePrivateNetwork } from '../helpers/private-network'

let factory = ''
let state = ''
beforeAll(async () => {
  requirePrivateNetwork()
  factory = join(makeFolder('factory'), 'factory')
  await openPracticeFactory(factory)
})
beforeEach(() => {
  state = makeFolder('device')
})
afterEach(killDevices)

const start = (...extra: string[]) =>
  startDevice([
    '--state',
    state,
    '--interface',
    'lo',
    '--factory',
    factory,
    '--anchor',
    join(state, 'none'),
    ...extra,
  ])

describe('the device process', () => {
  it.each([
    [['--interface', 'nowhere0'], 2, '--interface nowhere0 does not exist here'],
    [['--phase', 'operation'], 2, '--phase must be'],
    [['--fault', 'x'], 2, '--fault must be one of'],
  ])('ends with %j in one line', async (args, code, part) => {
    const device = await start(...args)
    expect(await device.ended).toBe(code)
    expect(device.stderr()).toMatch(/^device: [^\n]+\n$/)
    expect(device.stderr()).toContain(part)
    expect(device.stdout()).toBe('')
  })

  it('does not share its state with another one', async () => {
    const first = await start()
    await first.ready
    const second = await start()
    expect(await second.ended).toBe(66)
    expect(second.stderr()).toContain(`DATA_IN_USE`)
    await first.kill()
    expect((await (await start()).ready).bootId).toBe(2)
  })

  it('stops at a damaged state and leaves it as it is', async () => {
    const first = await start()
    await first.ready
    await first.kill()
    const path = join(state, 'state.json')
    const damaged = readFileSync(path, 'utf8').slice(0, 200)
    writeFileSync(path, damaged)
    const second = await start()
    expect(await second.ended).toBe(67)
    expect(second.stderr()).toMatch(/^device: DATA_DAMAGED [^\n]*state\.json: not JSON\n$/)
    expect(readFileSync(path, 'utf8')).toBe(damaged)
  })

  it('stops at a damaged key', async () => {
    const first = await start()
    await first.ready
    await first.kill()
    writeFileSync(join(state, 'idevid.key'), 'nothing')
    const second = await start()
    expect(await second.ended).toBe(67)
    expect(second.stderr()).toContain('idevid.key')
  })

  it('is the same device after each kill, with a BOOTID that only grows', async () => {
    const seen = []
    for (let i = 0; i < 4; i += 1) {
      const device = await start('--model', i === 0 ? 'EM-3' : 'PX-200')
      const { udn, serial, model, setupCode, bootId } = await device.ready
      seen.push({ udn, serial, model, setupCode })
      expect(bootId).toBe(i + 1)
      await device.kill()
    }
    expect(new Set(seen.map((each) => JSON.stringify(each))).size).toBe(1)
    expect(seen[0]?.model).toBe('EM-3')
  })

  it('killed while it is made is made whole at the next start', async () => {
    for (let writes = 1; writes <= 8; writes += 1) {
      const doomed = await start()
      let seen = 0
      const watcher = watch(state, () => {
        seen += 1
        if (seen >= writes) doomed.child.kill('SIGKILL')
      })
      await Promise.race([doomed.ready, doomed.ended]).catch(() => undefined)
      watcher.close()
      await doomed.kill()
    }
    const device = await start()
    expect((await device.ready).phase).toBe('commissioning')
  })

  it('killed in the middle of a wipe ends the wipe at the next start', async () => {
    const first = await start()
    await first.ready
    await first.kill()
    const path = join(state, 'state.json')
    const stored = JSON.parse(readFileSync(path, 'utf8'))
    const half = {
      ...stored,
      phase: 'decommissioning',
      group: 'Pumps',
      network: { ssid: 'a', credential: 'b' },
    }
    writeFileSync(path, JSON.stringify(half))
    writeFileSync(join(state, 'ldevid-4.key'), 'left over')
    const second = await start()
    expect((await second.ready).phase).toBe('provisioning')
    const wiped = JSON.parse(readFileSync(path, 'utf8'))
    expect(wiped).toEqual({ ...stored, phase: 'provisioning', bootId: stored.bootId + 1, wipes: 1 })
    expect(existsSync(join(state, 'ldevid-4.key'))).toBe(false)
  })

  it('says goodbye when it is told to end', async () => {
    const discovery = new Discovery({
      clock: systemClock,
      interfaces: ['lo'],
      allowOffSubnet: false,
      mxS: 1,
      readDescription: () => Promise.reject(new Error('not needed')),
    })
    await discovery.start()
    const device = await start()
    const { udn } = await device.ready
    const byebye = new Promise<void>((done) => {
      discovery.on('heard', ({ message }) => {
        if (message.kind === 'byebye' && message.udn === udn) done()
      })
    })
    expect(await device.kill('SIGTERM')).toBe(0)
    await byebye
    await discovery.stop()
  })

  it('ends when the process that asked for it has ended', async () => {
    const parent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    const device = await start('--parent', String(parent.pid))
    await device.ready
    parent.kill('SIGKILL')
    expect(await device.ended).toBe(0)
    expect(existsSync(join(state, 'state.json'))).toBe(true)
  })
})
