/** Reports after their program was killed at any point: whole or not there, numbers without a gap, each in its chain. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { verifyReport } from '../../electron/reports/verify'
import { makeTempDir } from '../helpers/temp-dir'
import { NOW } from '../identity/make'
import { type TestSite, testSite } from '../reports/site'
import { buildProgram } from './build-program'

let program: Awaited<ReturnType<typeof buildProgram>>
let temp: ReturnType<typeof makeTempDir>
let site: TestSite
beforeAll(async () => {
  program = await buildProgram(fileURLToPath(new URL('./report-program.ts', import.meta.url)))
  temp = makeTempDir('iotmc-report-kill-')
  site = await testSite(temp.path)
  writeFileSync(join(temp.path, 'controller.key'), site.controller.keyPem)
  writeFileSync(join(temp.path, 'controller.pem'), site.controller.pem)
  writeFileSync(join(temp.path, 'site-ca.pem'), site.ca.pem)
})
afterAll(() => {
  program.remove()
  temp.remove()
})

const run = (
  killAt: number,
): { readonly killed: boolean; readonly sequence?: number; readonly points?: number } => {
  const args = [program.path, temp.path, String(killAt), site.udn, String(NOW)]
  const { signal, stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (signal === 'SIGKILL') return { killed: true }
  expect(status, stderr).toBe(0)
  return { killed: false, ...(JSON.parse(stdout) as { sequence: number; points: number }) }
}

it('leaves no half a report, uses no number twice and skips none, wherever it is killed', {
  timeout: 300_000,
}, async () => {
  const { points = 0 } = run(0)
  expect(points).toBeGreaterThan(40)
  const folder = join(temp.path, 'reports')
  let made = 1
  let cutShort = 0
  // Every third, beginning anywhere: all of them come up in three runs.
  for (let at = 1 + (Date.now() % 3); at <= points; at += 3) {
    expect(run(at).killed, `point ${at}`).toBe(true)
    if (readdirSync(folder).some((name) => name.startsWith('.'))) cutShort += 1
    // Whole as soon as it has its place, also before anybody opens the site again.
    const there = readdirSync(folder).filter((name) => !name.startsWith('.'))
    expect(there.map(Number).toSorted((a, b) => a - b)).toEqual(Array.from(there, (_, i) => i + 1))
    expect(there.length === made || there.length === made + 1).toBe(true)
    made = there.length
    const last = join(folder, String(made))
    const previous = made > 1 ? { previous: join(folder, String(made - 1)) } : {}
    expect((await verifyReport(last, { ca: site.ca.pem, ...previous })).problems, `point ${at}`).toEqual([])
  }
  expect(cutShort).toBeGreaterThan(5)
  const after = run(0)
  expect(after.sequence).toBe(made + 1)
  const { desk, records } = site.open()
  const list = desk.list()
  records.close()
  expect(list.map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: made + 1 }, (_, i) => made + 1 - i),
  )
  expect(new Set(list.map(({ hash }) => hash)).size).toBe(made + 1)
  expect(existsSync(join(temp.path, 'killed'))).toBe(true)
})
