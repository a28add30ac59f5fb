/** A site with a controller in this process and devices in another that can be commissioned, on the loopback. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Controller } from '../../../electron/controller'
import type { makeIdentities } from '../enrollments'
import { openBenchController } from './bench-controller'
import { controllerUrl } from './controller-url'

const LIMIT_MS = 400_000

export interface BenchSite {
  readonly dataDir: string
  readonly controller: Controller
  /** A line for the devices. */
  tell(line: string): void
  /** Ends the devices. */
  end(): Promise<void>
}

/** Until a fact holds or the time is over. */
export const until = async (fact: () => boolean): Promise<void> => {
  const beganAt = performance.now()
  while (!fact() && performance.now() - beganAt < LIMIT_MS) await new Promise((next) => setTimeout(next, 50))
}

/** Sets the site up in `folder`, trusts `rootPem`, makes the group "Default", and starts the devices. */
export const openBenchSite = async (
  folder: string,
  rootPem: string,
  identities: Awaited<ReturnType<typeof makeIdentities>>,
  options: { readonly health?: boolean } = {},
): Promise<BenchSite> => {
  const dataDir = join(folder, 'site')
  const controller = await openBenchController(dataDir, rootPem)
  controller.saveGroup({ name: 'Default', values: { 'Device.Location': 'Hall 3' } })
  const url = await controllerUrl(controller.status().controllerUdn ?? '')
  const anchorPem = readFileSync(join(dataDir, 'public', 'site-ca.pem'), 'utf8')
  const path = join(folder, 'input.json')
  writeFileSync(path, JSON.stringify({ url, anchorPem, identities, ...options }), { mode: 0o600 })
  const devices = spawn(process.execPath, [process.argv[1] ?? ''], {
    env: { ...process.env, IOTMC_BENCH_ROLE: 'commissioned-devices', IOTMC_BENCH_INPUT: path },
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  return {
    dataDir,
    controller,
    tell: (line) => void devices.stdin.write(`${line}\n`),
    end: async () => {
      const gone = once(devices, 'exit')
      devices.kill()
      await gone
    },
  }
}

/** Until all its devices are listed with what they are. */
export const listed = ({ controller }: BenchSite, count: number): Promise<void> =>
  until(() => controller.devices().filter((one) => one.model !== undefined).length >= count)
