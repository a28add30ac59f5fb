/** Whatever may be done with a ledger, as data that fast-check can make up. */
import fc from 'fast-check'
import { IotmcError } from '../../electron/contract/errors'
import type { UnitState } from '../../electron/contract/factory'
import type { StationAuthority } from '../../electron/factory/authority'
import type { Ledger } from '../../electron/factory/ledger'
import { UNIT_STEPS, UNIT_WAY } from '../../electron/factory/ledger-machine'
import type { VirtualClock } from '../helpers/virtual-clock'
import { type Board, certify, MODEL, newBoard, reserve } from './ledger-make'

/** Numbers of two models; the second never has any released. */
const SERIALS = ['A', 'B'].flatMap((prefix) =>
  Array.from({ length: 12 }, (_, i) => `${prefix}${String(i).padStart(2, '0')}`),
)

export type LedgerOp =
  | {
      readonly do: 'reserve'
      readonly serial: string
      readonly board: number | undefined
      readonly operator: string
    }
  | { readonly do: 'advance' | 'begin' | 'finish' | 'fail' | 'burn' | 'scrap'; readonly serial: string }
  | { readonly do: 'range'; readonly first: number; readonly size: number }
  | { readonly do: 'wait'; readonly ms: number }

const serial = fc.constantFrom(...SERIALS)

/** Up to `length` operations, most of which bring devices forward. */
export const ledgerOps = (length: number): fc.Arbitrary<LedgerOp[]> =>
  fc.array(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          do: fc.constant('reserve' as const),
          serial,
          // Mostly each number has its own board.
          board: fc.oneof(
            { weight: 4, arbitrary: fc.constant(undefined) },
            { weight: 1, arbitrary: fc.nat(30) },
          ),
          operator: fc.constantFrom('Operator 17', 'Ada'),
        }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('advance' as const), serial }) },
      { weight: 8, arbitrary: fc.record({ do: fc.constant('finish' as const), serial }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('begin' as const, 'fail' as const), serial }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('burn' as const, 'scrap' as const), serial }) },
      {
        weight: 1,
        arbitrary: fc.record({
          do: fc.constant('range' as const),
          first: fc.nat(40),
          size: fc.integer({ min: 1, max: 9 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(100_000) }) },
    ),
    { minLength: Math.floor(length / 2), maxLength: length, size: 'max' },
  )

/** Boards keep their keys from one call to the next. */
export type Boards = Map<number, Board>

/** Plays operations; what the ledger refuses, it refuses with a code of its own. Gives the boards, to go on with. */
export const play = async (
  ledger: Ledger,
  clock: VirtualClock,
  station: StationAuthority,
  ops: readonly LedgerOp[],
  boards: Boards = new Map(),
): Promise<Boards> => {
  for (const op of ops)
    try {
      await one(ledger, clock, station, op, boards)
    } catch (thrown) {
      if (!(thrown instanceof IotmcError) || thrown.code === 'DATA_DAMAGED') throw thrown
    }
  return boards
}

const one = async (
  ledger: Ledger,
  clock: VirtualClock,
  station: StationAuthority,
  op: LedgerOp,
  boards: Boards,
): Promise<void> => {
  switch (op.do) {
    case 'reserve': {
      const which = op.board ?? SERIALS.indexOf(op.serial)
      const board = boards.get(which) ?? newBoard()
      boards.set(which, board)
      const model = op.serial.startsWith('A') ? MODEL : 'TH-10'
      reserve(ledger, op.serial, board, { operator: op.operator, model })
      return
    }
    case 'advance':
      return advance(ledger, station, op.serial, boards)
    case 'finish':
      for (let i = 0; i < UNIT_WAY.length; i++) await advance(ledger, station, op.serial, boards)
      return
    case 'begin':
      ledger.begin(op.serial, 'connect')
      return
    case 'fail':
      ledger.failed(op.serial, 'connect', 'TIMED_OUT')
      return
    case 'burn':
      ledger.burn(op.serial, 'it broke', 'Lee')
      return
    case 'scrap':
      ledger.scrap(op.serial, 'it came back', 'Lee')
      return
    case 'range':
      ledger.addRange(
        { model: MODEL, prefix: 'A', digits: 2, first: op.first, last: Math.min(99, op.first + op.size) },
        'Lee',
      )
      return
    case 'wait':
      clock.advance(op.ms)
  }
}

/** The step that leads on from where a unit stands. */
const advance = async (
  ledger: Ledger,
  station: StationAuthority,
  serialNumber: string,
  boards: Boards,
): Promise<void> => {
  const unit = ledger.unit(serialNumber)
  const next = unit && UNIT_WAY[UNIT_WAY.findIndex((state: UnitState) => state === unit.state) + 1]
  const step = Object.entries(UNIT_STEPS).find(
    ([, facts]) => 'gives' in facts && facts.gives === next,
  )?.[0] as keyof typeof UNIT_STEPS | undefined
  if (!unit || !next || !step || unit.state === 'burned' || unit.state === 'scrapped') return
  ledger.begin(serialNumber, step)
  if (step === 'issue') {
    const board = [...boards.values()].find(({ hardwareId }) => hardwareId === unit.hardwareId)
    if (board) await certify(ledger, station, serialNumber, { ...board, keyPem: keyOf(board, serialNumber) })
  }
  ledger.done(serialNumber, step)
}

/** A board that is begun under another number makes another key. */
const keys = new Map<string, string>()
const keyOf = ({ hardwareId }: Board, serialNumber: string): string => {
  const name = `${hardwareId} ${serialNumber}`
  const key = keys.get(name) ?? newBoard().keyPem
  keys.set(name, key)
  return key
}
