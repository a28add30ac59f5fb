/** Whatever is cut off, and wherever: one key, one certificate, one device for one number, and the way goes on. */
import { beforeAll, describe, expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import type { StationAuthority } from '../../electron/factory/authority'
import { fingerprintOf } from '../../electron/identity/pem'
import {
  Board,
  type BoardCommand,
  ended,
  type Life,
  Line,
  makeStationAuthority,
  paramsFor,
} from './inject-bench'

let authority: StationAuthority
beforeAll(async () => {
  authority = await makeStationAuthority()
})

const SERIAL = 'PX200-00001'

/** The device is complete and everything about it exists once. */
const expectOnce = (line: Line, board: Board): void => {
  const units = line.ledger.units({ search: '', limit: 10 })
  expect(units).toHaveLength(1)
  expect(units[0]).toMatchObject({ serialNumber: SERIAL, state: 'complete', hardwareId: board.id })
  expect(units[0]?.openStep).toBeUndefined()
  expect(line.ledger.issuedBy(authority.fingerprint)).toBe(1)
  expect(board.keysMade).toBe(1)
  const certificate = line.ledger.certificateOf(SERIAL)
  const [leaf] = board.memory.chain ?? []
  expect(leaf && fingerprintOf(leaf)).toBe(certificate?.fingerprint)
  expect(board.memory.locked).toBe(true)
  // Nothing was sent to a locked board but questions; a repeated command had the same answer.
  expect(board.effects.lastIndexOf('install')).toBeLessThan(board.effects.indexOf('lock'))
  expect(line.ledger.verify()).toMatchObject({ ok: true, units: 1 })
  expect(line.finished.at(-1)).toMatchObject({
    unit: { serialNumber: SERIAL },
    label: { serialNumber: SERIAL },
  })
}

const COMMANDS: readonly BoardCommand[] = [
  'info',
  'keygen',
  'install',
  'readChain',
  'challenge',
  'lock',
  'label',
]

describe.each(['SERIAL_UNPLUGGED', 'TIMED_OUT'] as const)('a command that ends in %s', (code) => {
  it.each(
    COMMANDS.flatMap((command) => (['before', 'after'] as const).map((side) => [command, side] as const)),
  )('at %s, %s its effect, fails the job at once, and it goes on there', async (command, side) => {
    const line = new Line(authority)
    const board = new Board()
    board[side] = (name) => {
      if (name === command) throw new IotmcError(code, { subject: '/dev/ttyUSB0' })
    }
    const job = await line.inject(SERIAL, board)
    expect(job).toMatchObject({ state: 'failed', error: { code } })
    // The words say how the device is now; the open step stays open in the ledger.
    expect(job.error?.detail).toMatch(/device|certificate|key/)
    const unit = line.ledger.unit(SERIAL)
    expect(unit?.lastErrorCode).toBeUndefined()
    if (side === 'after' && ['keygen', 'install', 'lock'].includes(command))
      expect(job.error?.detail).toContain(`${unit?.openStep} may have happened`)
    board[side] = () => undefined
    const again = await line.retry(job.id)
    expect(again).toMatchObject({ state: 'done', attempt: 2 })
    expectOnce(line, board)
  })
})

/** Ends at its n-th point, and stays ended. */
class Mortal implements Life {
  points = 0
  dead = false
  constructor(private readonly endsAt: number) {}

  point(): void {
    if (!this.dead) this.points += 1
    if (this.points === this.endsAt) this.dead = true
    if (this.dead) throw new IotmcError('DEFECT', { detail: 'this program is dead' })
  }
}

/** One program that is killed at a point; the points that it came to. */
const live = async (line: Line, board: Board, endsAt: number): Promise<number> => {
  const life = new Mortal(endsAt)
  line.board = board
  try {
    const runner = line.start(life)
    runner.start()
    const [job] =
      runner.list().length > 0 ? runner.list() : runner.submit('inject', [SERIAL], paramsFor(board))
    await ended(runner, job?.id)
  } catch (thrown) {
    if (!life.dead) throw thrown
  }
  return life.points
}

const NEVER = 1_000_000

describe('a program that is killed', () => {
  it('at each point in turn goes on where it stood', async () => {
    const whole = new Line(authority)
    const points = await live(whole, new Board(), NEVER)
    // Two for each of ten steps in the journal, and two for each of some thirty calls of ledger and board.
    expect(points).toBeGreaterThan(80)
    for (let endsAt = 1; endsAt <= points; endsAt += 1) {
      const line = new Line(authority)
      const board = new Board()
      await live(line, board, endsAt)
      await live(line, board, NEVER)
      try {
        expect(line.journal.list().map((job) => job.state)).toEqual(['done'])
        expectOnce(line, board)
      } catch (cause) {
        throw new Error(`killed at point ${endsAt} of ${points}: ${String(cause)}`, { cause })
      }
    }
  }, 60_000)

  it('again and again, comes to its end all the same', async () => {
    const line = new Line(authority)
    const board = new Board()
    let kills = 0
    for (; kills < 500; kills += 1) {
      const jobs = line.journal.list()
      if (jobs[0]?.state === 'done') break
      // A few calls further each time.
      await live(line, board, 14)
    }
    expect(kills).toBeGreaterThan(5)
    expectOnce(line, board)
  })
})

describe('a job that is lost', () => {
  it('is begun anew for the same number and board, wherever the old one stood', async () => {
    for (const command of COMMANDS) {
      const line = new Line(authority)
      const board = new Board()
      board.after = (name) => {
        if (name === command) throw new IotmcError('SERIAL_UNPLUGGED')
      }
      const { id } = await line.inject(SERIAL, board)
      line.journal.remove([id])
      board.after = () => undefined
      const job = await line.inject(SERIAL, board)
      expect(job).toMatchObject({ state: 'done', attempt: 1 })
      expectOnce(line, board)
    }
  })
})
