/** Setup code and credential are nowhere but on their way: every byte that is kept is searched for them. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explain } from '../../electron/contract/error-texts'
import { asIotmcError, IotmcError } from '../../electron/contract/errors'
import { provisionPlan } from '../../electron/jobs/provision'
import { setupCodeToSend, withoutSecrets } from '../../electron/jobs/provision-secrets'
import { JobRunner } from '../../electron/jobs/runner'
import { Records } from '../../electron/store/records'
import { makeTempDir } from '../helpers/temp-dir'
import { CODE, KEY, makeWorld } from './provision-world'

const TALKATIVE = new IotmcError('SETUP_CODE_WRONG', { detail: `you said ${CODE.toLowerCase()} and ${KEY}` })
const DEFECTIVE = Object.assign(new Error('no'), { config: { data: { credential: KEY, code: CODE } } })

describe.each(['network', 'serial'] as const)('over the %s road', (via) => {
  it.each([
    ['a job that succeeds', undefined, 'done'],
    ['a refused code', new IotmcError('SETUP_CODE_WRONG'), 'SETUP_CODE_WRONG'],
    ['a device that quotes what it was sent', TALKATIVE, 'SETUP_CODE_WRONG'],
    ['an error of this program that carries the request', DEFECTIVE, 'DEFECT'],
    [
      'an error whose cause carries the request',
      new IotmcError('ACTION_FAILED', { cause: DEFECTIVE }),
      'ACTION_FAILED',
    ],
    ['a lost answer', new IotmcError('TIMED_OUT'), 'TIMED_OUT'],
  ])('%s leaves no secret in journal, log, snapshot or error text', async (_, refusal, end) => {
    const folder = makeTempDir()
    const records = Records.open(join(folder.path, 'records.sqlite'))
    const world = makeWorld(via)
    world.device.refusal = refusal
    const plan = (job: Parameters<typeof provisionPlan>[1]) => provisionPlan(world.tools, job)
    const { clock, log } = world
    const runner = new JobRunner({ clock, journal: records.jobs, concurrency: 1, plan, log })
    const snapshots: unknown[] = []
    runner.on('changed', (jobs) => snapshots.push(jobs))
    runner.start()
    const { id } = world.submit(runner)
    const job = await world.pass(id, undefined, runner)
    expect(job.error?.code ?? job.state).toBe(end)
    await runner.stop()
    records.close()
    const text = job.error ? explain(job.error.code, 'en', job.error.subject) : {}
    const kept = inspect([snapshots, log.lines, job, text], {
      depth: 20,
      showHidden: true,
      maxArrayLength: null,
    })
    const files = readdirSync(folder.path).map((name) =>
      readFileSync(join(folder.path, name)).toString('latin1'),
    )
    expect(files.join().includes(id)).toBe(true)
    for (const secret of [CODE, KEY]) {
      for (const place of [kept, ...files]) expect(place.toLowerCase()).not.toContain(secret.toLowerCase())
    }
    // It was sent, so there was something to keep.
    expect(JSON.stringify(world.device.received)).toContain(KEY)
    folder.remove()
  })
})

describe('a setup code', () => {
  const symbols = [...'0123456789ABCDEFGHJKMNPQRSTVWXYZ']
  const code = fc
    .array(fc.constantFrom(...symbols), { minLength: 8, maxLength: 8 })
    .map((parts) => parts.join(''))
  const careless = (text: string, choices: readonly number[]): string =>
    [...text]
      .map((symbol, i) => {
        const choice = choices[i] ?? 0
        const alike =
          symbol === '0' ? ['0', 'o', 'O'] : symbol === '1' ? ['1', 'i', 'L'] : [symbol, symbol.toLowerCase()]
        return `${alike[choice % alike.length]}${[' ', '-', '', ''][choice % 4]}`
      })
      .join('')

  it('is sent as the one that it stands for, however it was typed', () => {
    const choices = fc.array(fc.nat(11), { minLength: 8, maxLength: 8 })
    fc.assert(fc.property(code, choices, (text, how) => setupCodeToSend(careless(text, how), 'u') === text))
  })

  it('that can be none is named wrong and never quoted', () => {
    const typed = fc.string({ maxLength: 64 }).filter((text) => text.replace(/[\s-]/g, '').length !== 8)
    fc.assert(
      fc.property(typed, (text) => {
        try {
          setupCodeToSend(text, 'u')
          return false
        } catch (thrown) {
          const { code: why, detail = '' } = asIotmcError(thrown)
          return why === 'SETUP_CODE_WRONG' && (text.length < 8 || !detail.includes(text))
        }
      }),
    )
  })
})

it('errors that quote no secret pass as they are', async () => {
  const error = new IotmcError('LOCKED_OUT', { detail: 'try again in 60 s' })
  await expect(withoutSecrets([CODE, ''], () => Promise.reject(error))).rejects.toBe(error)
})
