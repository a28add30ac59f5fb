/** A new device on its setup network, and the controller in a terminal that is on both of its networks. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type DeviceProcess, killDevices, type Ready, startDevice } from './device-process'
import { type Program, startProgram } from './program'
import { ProvisionEar } from './provision-ear'
import { makeTempDir } from './temp-dir'
import { PLANT, SETUP, TwoNetworks } from './two-networks'

export const SSID = 'Plant 7'
export const KEY = 'a-network-key-4711'
const PASSPHRASE = 'provision-test-passphrase'

export class ProvisionBench {
  /** The networks that the laptop is on. */
  interfaces: readonly string[] = [SETUP.here, PLANT.here]
  private readonly programs: Program[] = []

  private constructor(
    readonly folder: ReturnType<typeof makeTempDir>,
    readonly networks: TwoNetworks,
    readonly ear: ProvisionEar,
  ) {}

  static async open(): Promise<ProvisionBench> {
    const networks = await TwoNetworks.connect()
    const ear = await ProvisionEar.open([SETUP.here, PLANT.here])
    return new ProvisionBench(makeTempDir(), networks, ear)
  }

  async close(): Promise<void> {
    await killDevices()
    await Promise.all(this.programs.map((program) => program.kill('SIGKILL')))
    await this.ear.close()
    await this.networks.disconnect()
    this.folder.remove()
  }

  /** Starts the device, the same each time. */
  device(...more: string[]): Promise<DeviceProcess> {
    const at = (name: string) => join(this.folder.path, name)
    const args = [
      ...['--state', at('device'), '--factory', at('factory'), '--anchor', at('none')],
      ...['--phase', 'provisioning', '--serial', 'PX200-00001'],
      ...['--interface', SETUP.there, '--network', `${SSID}=${PLANT.there},${KEY}`],
      ...more,
    ]
    return startDevice(args, this.networks.pid)
  }

  cli(args: readonly string[], secrets: { code?: string; key?: string } = {}): Program {
    const program = startProgram(
      'cli',
      [...args, ...this.interfaces.flatMap((name) => ['--interface', name]), '--json', '--verbose'],
      {
        IOTMC_PASSPHRASE: PASSPHRASE,
        IOTMC_DATA: join(this.folder.path, 'site'),
        ...(secrets.code === undefined ? {} : { IOTMC_SETUP_CODE: secrets.code }),
        ...(secrets.key === undefined ? {} : { IOTMC_NETWORK_KEY: secrets.key }),
      },
    )
    this.programs.push(program)
    return program
  }

  /** Lets the site trust the maker of the device. */
  async trust({ factoryRoot }: Ready): Promise<void> {
    const program = this.cli(['trust', 'add', factoryRoot])
    if ((await program.ended) !== 0) throw new Error(program.stderr())
  }

  provision(udn: string, code: string, key = KEY, ssid = SSID): Program {
    return this.cli(['provision', 'network', '--udn', udn, '--ssid', ssid], { code, key })
  }

  /** What the device says of itself over TLS. */
  async state(udn: string): Promise<Record<string, unknown>> {
    const action = 'Lifecycle.GetLifecycleState'
    const program = this.cli(['call', '--udn', udn, '--action', action, '--seconds', '20'])
    if ((await program.ended) !== 0) throw new Error(program.stderr())
    return program.lines.at(-1) ?? {}
  }

  /** A file with a secret, outside of the site's folder. */
  secretFile(name: string, text: string): string {
    const path = join(this.folder.path, name)
    writeFileSync(path, `${text}\n`)
    return path
  }

  /** Everything that the site keeps, and all that its terminals said. */
  kept(): string {
    const site = join(this.folder.path, 'site')
    const files = readdirSync(site, { recursive: true })
      .map((name) => join(site, String(name)))
      .filter((path) => statSync(path).isFile())
      .map((path) => readFileSync(path).toString('latin1'))
    const said = this.programs.map((program) => JSON.stringify(program.lines) + program.stderr())
    return [...files, ...said].join('\n')
  }
}

/** The error that a terminal printed. */
export const errorOf = (program: Program): { code?: string; detail?: string } =>
  (program.lines.find((line) => 'error' in line)?.error ?? {}) as { code?: string; detail?: string }

/** The job says that the device was read back on the plant's network, under a higher BOOTID than it had. */
export const expectArrived = (job: Program, bootId: number): void => {
  const note = String(job.lines.at(-1)?.note)
  const [, where, raised] = /^commissioning, (.+), BOOTID (\d+)$/.exec(note) ?? []
  expect(where, note).toBe(`${PLANT.address} (${PLANT.here})`)
  expect(Number(raised)).toBeGreaterThan(bootId)
}
