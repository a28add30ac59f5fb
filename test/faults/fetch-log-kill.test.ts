/**
 * The program that fetches and clears a real device's log, killed at random moments: in the end every record is stored once
 * or counted as lost, and none is lost but those that the ring dropped.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { LogStand } from '../../electron/contract/device-log'
import { DiagnosticsStore } from '../../electron/diagnostics/diagnostics-store'
import type { Authority } from '../../electron/identity/authority'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { systemClock } from '../../electron/net/clock'
import { seeded } from '../diagnostics/make'
import { ControllerDouble } from '../helpers/controller-double'
import { type DeviceProcess, killDevices, startDevice } from '../helpers/device-process'
import { makeAuthority, makeClient, type SiteClient } from '../helpers/device-site'
import { requirePrivateNetwork } from '../helpers/private-network'
import { keepingLog } from '../helpers/quiet-log'
import { makeTempDir } from '../helpers/temp-dir'
import { buildProgram } from './build-program'
import type { FetchLogSite } from './fetch-log-program'

/** Kills in all; more with IOTMC_LOG_KILLS. */
const KILLS = Number(process.env.IOTMC_LOG_KILLS ?? 25)
const SEED = Number(process.env.IOTMC_SEED ?? Math.floor(Math.random() * 2 ** 31))
const WITHIN_MS = 20 * 60_000

let program: Awaited<ReturnType<typeof buildProgram>>
let temp: ReturnType<typeof makeTempDir>
let site: Authority
let admin: SiteClient
let controller: ControllerDouble
let device: DeviceProcess
let udn = ''
let secureLocation = ''

beforeAll(async () => {
  requirePrivateNetwork()
  process.stdout.write(`seed ${SEED}\n`)
  program = await buildProgram(fileURLToPath(new URL('./fetch-log-program.ts', import.meta.url)), true)
  temp = makeTempDir('iotmc-fetch-log-')
  site = await makeAuthority('Site')
  admin = await makeClient(site, 'Admin')
  const factory = join(temp.path, 'factory')
  const { certificatePem: factoryRoot } = await openPracticeFactory(factory)
  const anchor = join(temp.path, 'site-ca.pem')
  writeFileSync(anchor, site.certificatePem)
  controller = new ControllerDouble({ site, identity: admin, factoryRoot: () => factoryRoot })
  await controller.start()
  device = await startDevice([
    ...['--state', join(temp.path, 'device'), '--interface', 'lo', '--factory', factory, '--anchor', anchor],
    ...['--fault', 'log-storm'],
  ])
  await device.log((line) => line.event === 'phase' && line.phase === 'operation')
  const ready = await device.ready
  udn = ready.udn
  secureLocation = ready.secureLocation
  const { keyPem, chainPem } = admin
  const file: FetchLogSite = {
    ...{ udn, location: ready.location, secureLocation, keyPem, chainPem, factoryRoot },
    siteCa: site.certificatePem,
  }
  writeFileSync(join(temp.path, 'device.json'), JSON.stringify(file))
}, 180_000)
afterAll(async () => {
  await controller?.stop()
  await killDevices()
  program?.remove()
  temp?.remove()
})

/** Runs the program; kills it `extraMs` after its nth line, or lets it end where `lines` is undefined. */
const run = async (lines?: number, extraMs = 0): Promise<string[]> => {
  const args = [program.path, temp.path, ...(lines === undefined ? ['once'] : [])]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const said: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    said.push(line)
    if (said.length === lines) setTimeout(() => child.kill('SIGKILL'), extraMs)
  })
  expect(await ended).toEqual(lines === undefined ? [0, null] : [null, 'SIGKILL'])
  return said
}

const ask = (action: string, args: Record<string, string>) =>
  controller.call(secureLocation, 'Diagnostics', action, args, admin)

/** What the device says of its log, without reading it. */
const ownAccount = async () => {
  const reading = { MinSeverity: '0', From: '', To: '', AfterSequence: '0', Limit: '1' }
  const answer = await ask('GetDiagnosticsLog', reading)
  return {
    logId: answer.LogId ?? '',
    oldest: Number(answer.OldestSequence),
    newest: Number(answer.NewestSequence),
    dropped: Number(answer.Dropped),
  }
}

/** Every record that is stored, in order, with what the store says of the log. */
const stored = async () => {
  const store = DiagnosticsStore.open(join(temp.path, 'diagnostics.sqlite'), {
    clock: systemClock,
    log: keepingLog(),
  })
  try {
    const sequences: number[] = []
    for await (const piece of store.logs.export({ udns: [udn] }, 'jsonl'))
      for (const line of piece.split('\n')) if (line !== '') sequences.push(JSON.parse(line).sequence)
    return { sequences: sequences.sort((a, b) => a - b), stand: store.logs.stand(udn) }
  } finally {
    await store.close()
  }
}

/** Up to where the store says, each record is there once or counted as lost, whatever the kill cut off; gives that place. */
const expectWhole = (sequences: readonly number[], stand: LogStand | undefined): number => {
  const through = stand?.through ?? 0
  const lost = stand?.lost ?? 0
  expect(new Set(sequences).size).toBe(sequences.length)
  expect(stand?.stored ?? 0).toBe(sequences.length)
  expect(sequences.filter((sequence) => sequence <= through)).toHaveLength(through - lost)
  return through
}

it(`loses and doubles nothing in ${KILLS} kills`, { timeout: WITHIN_MS }, async () => {
  const random = seeded(SEED)
  const seen = new Map<string, number>()
  for (let kill = 0; kill < KILLS; kill += 1) {
    const said = await run(1 + Math.floor(random() * 4), Math.floor(random() ** 2 * 120))
    const last = said.at(-1) ?? ''
    seen.set(last, (seen.get(last) ?? 0) + 1)
    const { sequences, stand } = await stored()
    const through = expectWhole(sequences, stand)
    // What the device does not have any more is stored, or counted.
    expect((await ownAccount()).oldest).toBeLessThanOrEqual(through + 1)
  }
  await run()
  const own = await ownAccount()
  const { sequences, stand } = await stored()
  process.stdout.write(`${JSON.stringify({ seen: [...seen], own, stored: sequences.length })}\n`)
  expectWhole(sequences, stand)
  expect(stand?.lost).toBeLessThanOrEqual(own.dropped)
  expect(stand?.clearedThrough).toBeGreaterThan(0)
  expect(own.oldest).toBe((stand?.clearedThrough ?? 0) + 1)
  expect(own.newest).toBeGreaterThan(KILLS)
})

it('of a log that ran over its ring misses exactly the oldest, and says how many', {
  timeout: WITHIN_MS,
}, async () => {
  const before = (await stored()).stand
  const fetched = before?.through ?? 0
  const gone = async () => (await ownAccount()).oldest - 1 - fetched
  await expect.poll(gone, { timeout: 120_000, interval: 500 }).toBeGreaterThan(50)
  const least = await gone()
  await run()
  const own = await ownAccount()
  const { sequences, stand } = await stored()
  const lost = (stand?.lost ?? 0) - (before?.lost ?? 0)
  process.stdout.write(`${JSON.stringify({ lost, own, stored: sequences.length })}\n`)
  // It goes on writing, and drops what was fetched and is not cleared yet.
  expect(lost).toBeGreaterThanOrEqual(least)
  expect(lost).toBeLessThanOrEqual(own.dropped)
  expectWhole(sequences, stand)
  const after = sequences.filter((sequence) => sequence > fetched)
  expect(after).toEqual(Array.from({ length: after.length }, (_, i) => fetched + lost + 1 + i))
})
