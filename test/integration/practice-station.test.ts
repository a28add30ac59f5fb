/** The practice site's station: two blank boards get identity and network by cable, with no hardware, and come back. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Lane, StationView } from '../../electron/contract/factory'
import { isEnded, type Job } from '../../electron/contract/job'
import { type Controller, createController } from '../../electron/controller'
import { openSettings } from '../../electron/store/settings'
import { deviceProgram } from '../helpers/device-process'
import { requirePrivateNetwork } from '../helpers/private-network'
import { keepingLog } from '../helpers/quiet-log'
import { makeTempDir } from '../helpers/temp-dir'

const LOCAL = /^tcp:127\.0\.0\.1:\d+$/
const PIN = '90210'

let controller: Controller | undefined
let folder: ReturnType<typeof makeTempDir> | undefined
beforeAll(async () => {
  requirePrivateNetwork()
  await deviceProgram()
})
afterEach(async () => {
  await controller?.close()
  controller = undefined
  folder?.remove()
})

const practise = async (dataDir: string) => {
  const log = keepingLog()
  controller = await createController({
    dataDir,
    practice: true,
    openSettings: (dir) => openSettings(dir),
    log,
    deviceProgram: { command: process.execPath, args: [await deviceProgram()] },
  })
  return { controller, log }
}

/** Resolves once it is so; the test's own time limit ends the wait. */
const until = <T>(site: Controller, find: () => T | undefined): Promise<T> =>
  new Promise((resolve) => {
    const look = () => {
      const found = find()
      if (found === undefined) return
      for (const off of offs) off()
      resolve(found)
    }
    const offs = (['station', 'jobs', 'devices'] as const).map((event) => site.on(event, look))
    look()
  })

const viewWhen = (site: Controller, isSo: (view: StationView) => boolean): Promise<StationView> =>
  until(site, () => {
    const view = site.factory().view()
    return isSo(view) ? view : undefined
  })

const lanesAre = (site: Controller, state: Lane['state']): Promise<StationView> =>
  viewWhen(site, ({ lanes }) => lanes.length === 2 && lanes.every((lane) => lane.state === state))

const offered = async (site: Controller, before: readonly string[] = []): Promise<readonly string[]> => {
  const { config } = await viewWhen(
    site,
    (view) => view.config.lanes.length === 2 && view.config.lanes.every((lane) => !before.includes(lane)),
  )
  return config.lanes
}

const prepareLine = async (site: Controller): Promise<void> => {
  const floor = site.factory()
  const passphrase = 'a root passphrase'
  await floor.authority.createRoot({ commonName: 'Practice root', passphrase })
  const { requestPem = '' } = await floor.authority.request('Line 1')
  const { chainPem } = await floor.authority.sign({ requestPem, passphrase, quota: 10, days: 30 })
  await floor.authority.install(chainPem)
  floor.addRange({ model: 'PX-200', prefix: 'PX200-', digits: 5, first: 1, last: 99 })
  await floor.addPerson({ name: 'Supervisor 1', role: 'supervisor', pin: PIN })
}

const ended = (site: Controller, id: string): Promise<Job> =>
  until(site, () => site.jobs().find((job) => job.id === id && isEnded(job.state)))

describe('the station of the practice site', () => {
  it('has two blank boards to try everything on, and always a blank one', async () => {
    folder = makeTempDir()
    const { controller: site, log } = await practise(folder.path)
    // Nothing has waited for the boards.
    expect(site.status()).toMatchObject({ stage: 'ready', practice: true })
    expect(site.factory().view().config.lanes).toEqual([])
    const lanes = await offered(site)
    expect(lanes).toEqual([expect.stringMatching(LOCAL), expect.stringMatching(LOCAL)])

    await prepareLine(site)
    const floor = site.factory()
    await floor.enter()
    await floor.signIn(PIN)
    await lanesAre(site, 'ready')
    for (const number of ['PX200-00001', 'PX200-00002']) floor.scan(number)
    const passed = await lanesAre(site, 'passed')
    expect(passed.counts).toMatchObject({ passed: 2, firstPass: 2, failed: 0 })
    expect(await floor.verifyLedger()).toMatchObject({ ok: true, units: 2 })
    await floor.leave(PIN)

    // From the factory to the plant: the same board is given its network by cable, and is found there.
    const [path = ''] = lanes
    const found = await until(site, () => (floor.usesPort(path) ? undefined : site.lookSerial(path)))
    expect(found).toMatchObject({ locked: true, phase: 'provisioning', check: { trusted: true } })
    const job = await ended(site, site.provision({ via: 'serial', path, ssid: '', credential: '' }))
    expect(job.error).toBeUndefined()
    await until(site, () =>
      site
        .devices()
        .find(
          (one) => one.serialNumber === found.serialNumber && one.online && one.phase === 'commissioning',
        ),
    )

    await site.close()
    const again = await practise(folder.path)
    const next = await offered(again.controller, lanes)
    // The third board is new; the first one is still on its network.
    expect(await again.controller.lookSerial(next[0] ?? '')).toMatchObject({
      serialNumber: 'PX200-00002',
      locked: true,
    })
    expect(await again.controller.lookSerial(next[1] ?? '')).toMatchObject({
      phase: 'manufacturing',
      locked: false,
    })
    await until(again.controller, () =>
      again.controller.devices().find((one) => one.serialNumber === 'PX200-00001' && one.online),
    )
    const failed = [...log.lines, ...again.log.lines].filter(({ level }) => level === 'error')
    expect(failed).toEqual([])
  }, 120_000)
})
