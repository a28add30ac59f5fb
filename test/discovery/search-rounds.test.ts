/** When searches go out: thrice for exact types, once for all, again while that still brings something. */
import { expect, test } from 'vitest'
import { SearchRounds } from '../../electron/discovery/search-rounds'
import { VirtualClock } from '../helpers/virtual-clock'

const EXACT = 'urn:iotmc-org:device:ManagedDevice:1'
const ROOT = 'upnp:rootdevice'

const setUp = (counts: number[], drops: number[] = []) => {
  const clock = new VirtualClock()
  const sent: [target: string, mxS: number][] = []
  const rounds = new SearchRounds({
    clock,
    targets: [EXACT, ROOT],
    mxS: 3,
    send: (target, mxS) => sent.push([target, mxS]),
    count: () => (counts.length > 1 ? (counts.shift() as number) : (counts[0] ?? 0)),
    drops: () => (drops.length > 1 ? (drops.shift() as number) : (drops[0] ?? 0)),
  })
  return { clock, sent, rounds }
}

test('a quiet network: one round', () => {
  const { clock, sent, rounds } = setUp([0])
  rounds.start()
  expect(sent).toEqual([
    [EXACT, 3],
    [ROOT, 3],
  ])
  clock.advance(60_000)
  expect(sent.map(([target]) => target)).toEqual([EXACT, ROOT, EXACT, EXACT])
  expect(rounds.searching).toBe(false)
})

test('new devices bring another round of the exact type, until none is new', () => {
  // Asked at the begin and the end of each round.
  const { clock, sent, rounds } = setUp([0, 5, 5, 9, 9, 9])
  rounds.start()
  clock.advance(60_000)
  expect(sent.filter(([target]) => target === EXACT)).toHaveLength(9)
  expect(sent.filter(([target]) => target === ROOT)).toHaveLength(1)
})

test('with many devices the answers are spread over the longest MX; dropped packets bring another round', () => {
  const { clock, sent, rounds } = setUp([1000], [0, 7, 7, 7])
  rounds.start()
  clock.advance(60_000)
  expect(sent.filter(([target]) => target === EXACT)).toHaveLength(6)
  expect(new Set(sent.map(([, mxS]) => mxS))).toEqual(new Set([5]))
})

test('devices without end do not make it search without end; stopping stops it', () => {
  let count = 0
  const clock = new VirtualClock()
  const sent: string[] = []
  const rounds = new SearchRounds({
    clock,
    targets: [EXACT],
    mxS: 1,
    send: (target) => sent.push(target),
    count: () => count++,
    drops: () => 0,
  })
  rounds.start()
  clock.advance(600_000)
  expect(sent).toHaveLength(18)
  rounds.start()
  rounds.stop()
  clock.advance(600_000)
  expect(sent).toHaveLength(19)
  expect(clock.pending).toBe(0)
})
