/** A site, its devices and foreign tools for one test file: real processes, one folder, everything ended by `close`. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { Authority } from '../../electron/identity/authority'
import { generateKeyPem, publicKeyOf } from '../../electron/identity/keys'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { checkRequest, createRequest } from '../../electron/identity/request'
import { Vault } from '../../electron/identity/vault'
import { requirePrivateNetwork } from '../helpers/private-network'
import { type Program, startProgram } from '../helpers/program'
import { makeTempDir } from '../helpers/temp-dir'

const PASSPHRASE = 'interop-test-passphrase'
/** A tool that has not ended by then has failed. */
const TOOL_MS = 20_000

/** How a foreign tool ended and what it wrote. */
export interface Outcome {
  readonly code: number | string
  readonly out: string
  readonly err: string
}

/** Runs a program of the system to its end; `input` goes to its stdin, which is then closed. */
export const tool = (command: string, args: readonly string[], input = ''): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const options = { timeout: TOOL_MS, maxBuffer: 4 * 1024 * 1024 }
    const child = execFile(command, args, options, (error, out, err) => {
      if (error && error.code === 'ENOENT') reject(new Error(`${command} is not installed`))
      else if (error?.killed) reject(new Error(`${command} did not end: ${out}${err}`))
      else resolve({ code: error ? (error.code ?? error.signal ?? 'unknown') : 0, out, err })
    })
    // A peer that refuses early closes the pipe under what is still being written.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })

/** Runs openssl and gives its stdout; anything but success is an error with what openssl said. */
export const openssl = async (...args: readonly string[]): Promise<string> => {
  const { code, out, err } = await tool('openssl', args)
  if (code !== 0) throw new Error(`openssl ${args.join(' ')}: ${err}`)
  return out
}

export interface DeviceOnStage {
  readonly program: Program
  readonly udn: string
  readonly serial: string
  /** `host:port` of its HTTPS. */
  readonly authority: string
  readonly location: string
  readonly secureLocation: string
  readonly folder: string
}

export interface Serving {
  readonly program: Program
  readonly udn: string
  readonly authority: string
  readonly location: string
  readonly secureLocation: string
}

/** A key and a certificate as files, for tools. */
export interface CertificateFiles {
  readonly key: string
  readonly cert: string
}

const authorityOf = (url: string): string => new URL(url).host

export class Stage {
  readonly temp = makeTempDir('iotmc-interop-')
  private readonly programs = new Set<Program>()
  private readonly env = { IOTMC_PASSPHRASE: PASSPHRASE, IOTMC_DATA: this.path('site') }

  constructor() {
    requirePrivateNetwork()
  }

  path(...parts: readonly string[]): string {
    return join(this.temp.path, ...parts)
  }

  get siteCa(): string {
    return this.path('site', 'public', 'site-ca.pem')
  }

  get factoryRoot(): string {
    return this.path('factory', 'root.pem')
  }

  start(name: 'cli' | 'device', args: readonly string[]): Program {
    const program = startProgram(name, args, this.env)
    this.programs.add(program)
    void program.ended.then(() => this.programs.delete(program))
    return program
  }

  /** A command of the terminal to its end; one that fails is an error. Gives its JSON lines. */
  async cli(...args: readonly string[]): Promise<Program['lines']> {
    const program = this.start('cli', [...args, '--json'])
    const code = await program.ended
    if (code !== 0) throw new Error(`cli ${args.join(' ')} ended with ${code}: ${program.stderr()}`)
    return program.lines
  }

  /** The controller on the network. */
  async serve(): Promise<Serving> {
    const program = this.start('cli', ['serve', '--interface', 'lo', '--json'])
    const ready = await program.line((line) => line.event === 'ready')
    // Every host of the test network has 127.0.0.1; tools are given that rather than an address with a zone.
    const secureLocation = String(ready.secureLocation).replace(/\/\/\[[^\]]*\]/, '//127.0.0.1')
    const location = String(ready.location).replace(/\/\/\[[^\]]*\]/, '//127.0.0.1')
    return {
      program,
      udn: String(ready.udn),
      location,
      secureLocation,
      authority: authorityOf(secureLocation),
    }
  }

  /** A reference device in commissioning that waits for this site. */
  async device(serial: string, ...extra: readonly string[]): Promise<DeviceOnStage> {
    const folder = this.path('devices', serial)
    const program = this.start('device', [
      ...['--state', folder, '--interface', 'lo', '--model', 'PX-200', '--serial', serial],
      ...['--anchor', this.siteCa, '--factory', this.path('factory'), ...extra],
    ])
    const ready = await program.line((line) => line.event === 'ready')
    const [location, secureLocation] = [String(ready.location), String(ready.secureLocation)]
    const authority = authorityOf(secureLocation)
    return { program, udn: String(ready.udn), serial, authority, location, secureLocation, folder }
  }

  trust(file: string): Promise<unknown> {
    return this.cli('trust', 'add', file, '--interface', 'lo')
  }

  /** Takes a device into operation by the terminal. */
  commission(udn: string): Promise<unknown> {
    return this.cli(
      'commission',
      '--udn',
      udn,
      '--group',
      'North',
      '--policy',
      'zero-touch',
      '--interface',
      'lo',
    )
  }

  /** The site's own authority, to issue what the terminal does not. */
  async siteAuthority(): Promise<Authority> {
    const vault = await Vault.open(this.path('site', 'vault'), { passphrase: PASSPHRASE })
    const authority = await Authority.open(vault, 'site-ca')
    if (!authority) throw new Error('the site has no authority')
    return authority
  }

  factory(): Promise<Authority> {
    return openPracticeFactory(this.path('factory'))
  }

  async end(program: Program): Promise<void> {
    const code = await program.kill('SIGTERM')
    if (code !== 0) throw new Error(`ended with ${code}: ${program.stderr()}`)
  }

  async close(): Promise<void> {
    await Promise.all([...this.programs].map((program) => program.kill('SIGKILL')))
    this.temp.remove()
  }
}

/** A device certificate of an authority; `validity` makes it end, and `now` lets it begin long ago. */
export const deviceCertificate = async (
  authority: Authority,
  subject: { readonly udn: string; readonly serialNumber: string },
  life: { readonly validityDays: number; readonly now: Date },
): Promise<{ keyPem: string; pem: string }> => {
  const keyPem = generateKeyPem()
  const about = { ...subject, model: 'PX-200' }
  const csr = await checkRequest(await createRequest({ keyPem, ...about }), subject)
  const { pem } = await authority.issueLdevid({ csr, ...about, ...life })
  return { keyPem, pem }
}

/** A client certificate of the site with a role. */
export const clientCertificate = async (
  site: Authority,
  udn: string,
  role: 'Admin' | 'Basic',
): Promise<{ keyPem: string; pem: string }> => {
  const keyPem = generateKeyPem()
  const request = {
    publicKeySpki: publicKeyOf(keyPem),
    udn,
    role,
    name: `${role} of a test`,
    now: new Date(),
  }
  return { keyPem, pem: (await site.issueController(request)).pem }
}
