/** A production line for the real window: a site of its own, cables, blank devices, and what a site lead sets up. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { type Program, startProgram } from '../helpers/program'
import { type PtyPair, startPtyPair } from '../helpers/pty'
import { makeTempDir } from '../helpers/temp-dir'
import { type LaunchedApp, launchApp, PASSPHRASE } from './harness'
import { ENGLISH } from './window'

export const PINS = { operator: '4711', supervisor: '90210' } as const

/** A site whose first questions are answered; nothing else is set up. */
export const openSite = async (dataDir: string): Promise<LaunchedApp> => {
  const app = await launchApp({ dataDir, settings: {}, passphrase: undefined, env: ENGLISH })
  const answers = { technician: 'Site lead', siteName: 'Plant', interfaces: ['lo'] }
  await app.value('app.setup', { ...answers, passphrase: PASSPHRASE })
  return app
}

/** Cables and the devices at their far ends, in a folder that goes with them. */
export class Bench {
  readonly cables: PtyPair[] = []
  readonly devices: Program[] = []
  private readonly folder = makeTempDir('iotmc-bench-')

  at(...names: string[]): string {
    return join(this.folder.path, ...names)
  }

  /** Lays one more cable. */
  async lay(): Promise<PtyPair> {
    const dir = this.at(`cable-${this.cables.length + 1}`)
    mkdirSync(dir)
    const cable = await startPtyPair(dir)
    this.cables.push(cable)
    return cable
  }

  /** Starts a device whose state is the folder `name`. */
  device(name: string, ...args: string[]): Program {
    const device = startProgram('device', ['--state', this.at(name), '--interface', 'lo', ...args])
    this.devices.push(device)
    return device
  }

  /** A device without an identity at the far end of a cable; the first cable is 1. */
  blank(cable: number, name = `device-${cable}`, ...more: string[]): Program {
    const port = this.cables[cable - 1]?.device ?? ''
    return this.device(
      name,
      ...['--serial-port', port, '--phase', 'manufacturing', '--model', 'PX-200', ...more],
    )
  }

  async clear(): Promise<void> {
    await Promise.all(this.devices.map((device) => device.kill()))
    await Promise.all(this.cables.map((cable) => cable.stop()))
    this.folder.remove()
  }
}

/** Authority, numbers, lanes and people, as a site lead leaves them; the guided way through it is another test. */
export const prepareLine = async (app: LaunchedApp, lanes: readonly PtyPair[]): Promise<void> => {
  const root = 'a root passphrase'
  await app.value('authority.createRoot', { commonName: 'Example root', passphrase: root })
  const { requestPem = '' } = await app.value('authority.request', { commonName: 'Line 1' })
  const limits = { quota: 50, days: 90 }
  const { chainPem } = await app.value('authority.sign', { requestPem, passphrase: root, ...limits })
  await app.value('authority.install', { chainPem })
  const range = { model: 'PX-200', prefix: 'PX200-', digits: 5, first: 1000, last: 1099 }
  await app.value('ledger.addRange', range)
  await app.value('station.configure', { lanes: lanes.map((cable) => cable.station) })
  await app.value('station.addPerson', { name: 'Supervisor 1', role: 'supervisor', pin: PINS.supervisor })
  await app.value('station.addPerson', { name: 'Operator 17', role: 'operator', pin: PINS.operator })
}

/** A wedge scanner is a keyboard that types fast and ends with Enter. */
export const scan = async (page: Page, text: string): Promise<void> => {
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
}
