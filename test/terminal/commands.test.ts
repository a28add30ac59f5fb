/** What people type, and what devices say, on its way through the terminal. */
import { describe, expect, it } from 'vitest'
import type { Job } from '../../electron/contract/job'
import type { Controller } from '../../electron/controller'
import { logExport, logGet } from '../../electron/terminal/log-commands'
import { udns } from '../../electron/terminal/options'
import { harmless } from '../../electron/terminal/output'
import { untilEnded } from '../../electron/terminal/with-controller'
import { udnOf } from '../helpers/device-row'

describe('a device that is named twice', () => {
  it('is one device', () => {
    const once = udns(udnOf(1), udns(udnOf(2)))
    expect(udns(udnOf(1).toUpperCase(), once)).toEqual([udnOf(2), udnOf(1)])
  })

  it('is waited for once', async () => {
    const job = { id: 'job-1', kind: 'check', subject: udnOf(1), state: 'done' } as Job
    const controller = { on: () => () => undefined, jobs: () => [job] } as unknown as Controller
    expect(await untilEnded(controller, ['job-1', 'job-1'], () => 'go-on')).toEqual([job])
  })
})

describe('a filter that can not be', () => {
  const typed = { udn: [udnOf(1)], severity: 'debug', limit: '10', seconds: 1, text: 'x'.repeat(201) }
  it.each([
    ['log get', () => logGet(typed)],
    ['log export', () => logExport({ ...typed, format: 'jsonl' })],
  ])('%s: is a mistake in the command, not in the program', async (_, run) => {
    const error = await Promise.resolve()
      .then(run)
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'USAGE' })
  })
})

it('what devices say does not steer the terminal', () => {
  const said = 'Door \u001b]0;owned\u0007 open\u001b[2J\r\nnext\tÜ \u202egnp.exe\u009b1m'
  expect(harmless(said)).toBe('Door \ufffd]0;owned\ufffd open\ufffd[2J\ufffd\nnext\tÜ \ufffdgnp.exe\ufffd1m')
})
