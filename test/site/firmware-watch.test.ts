/** What devices say of their banks: read strictly, kept, and a reason to wake whoever waits. */
import { expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { FirmwareWatch, readBankStatus, readFirmwareEvent } from '../../electron/site/firmware-watch'
import { udnOf } from '../helpers/device-row'
import { VirtualClock } from '../helpers/virtual-clock'

const UDN = udnOf(1)
const BANKS = [
  { slot: 'A', state: 'valid', version: '1.0.0', bootAttempts: 0 },
  { slot: 'B', state: 'empty', bootAttempts: 0 },
]
const ANSWER = {
  ActiveBank: 'A',
  Banks: JSON.stringify(BANKS),
  UpdateState: 'idle',
  SecurityVersion: '3',
  Update: '',
}

const makeWatch = (answer: Readonly<Record<string, string>> = ANSWER) => {
  const changed: string[] = []
  const watch = new FirmwareWatch({
    clock: new VirtualClock(),
    link: { call: async () => answer },
    changed: (udns) => void changed.push(...udns),
  })
  return { watch, changed }
}

const signal = () => new AbortController().signal

it.each(['', '{}', 'null'])('an answer without an update (%j) has none', (Update) => {
  const { status } = readBankStatus(UDN, { ...ANSWER, Update })
  expect(status).toEqual({ activeBank: 'A', banks: BANKS, securityVersion: 3 })
})

it.each([
  ['a bank that is none', { ActiveBank: 'C' }],
  ['banks that are no JSON', { Banks: '[' }],
  ['one bank', { Banks: JSON.stringify(BANKS.slice(1)) }],
  ['a floor below zero', { SecurityVersion: '-1' }],
  ['a state that is none', { UpdateState: 'asleep' }],
  ['an update of another form', { Update: '{"version":1}' }],
])('refuses %s', (_, change) => {
  expect(() => readBankStatus(UDN, { ...ANSWER, ...change })).toThrow(IotmcError)
  expect(() => readBankStatus(UDN, { ...ANSWER, ...change })).toThrow('BAD_ANSWER')
})

it('keeps the last answer, and tells of a row only when it looks different', async () => {
  const { watch, changed } = makeWatch()
  await watch.status(UDN, signal())
  await watch.status(UDN, signal())
  expect(changed).toEqual([UDN])
  expect(watch.facts(UDN)).toEqual({ activeBank: 'A', updateState: 'idle', banks: BANKS })
  expect(watch.lastStatus(UDN)?.status.securityVersion).toBe(3)
})

it('wakes on events that say something new, and on presence; not on its own answers', async () => {
  const { watch } = makeWatch()
  let woken = 0
  const off = watch.onWake(UDN, () => {
    woken += 1
  })
  watch.heardOf(UDN, { firmware: { updateState: 'downloading', activeBank: 'A' } })
  expect([woken, watch.isHeard(UDN)]).toEqual([1, true])
  watch.heardOf(UDN, { firmware: { updateState: 'downloading' } })
  await watch.status(UDN, signal())
  expect(woken).toBe(1)
  watch.seen(UDN, { online: true, bootId: 1 })
  watch.seen(UDN, { online: true, bootId: 1 })
  expect(woken).toBe(2)
  watch.seen(UDN, { online: true, bootId: 2 })
  expect(woken).toBe(3)
  watch.heardOf(UDN, {})
  expect(watch.isHeard(UDN)).toBe(false)
  off()
  watch.heardOf(UDN, { firmware: { updateState: 'staged' } })
  expect(woken).toBe(3)
})

it('events of other services say nothing of firmware', () => {
  expect(readFirmwareEvent({ LifecycleState: 'operation' })).toEqual({})
  expect(readFirmwareEvent({ UpdateState: 'probation', ActiveBank: 'B' })).toEqual({
    updateState: 'probation',
    activeBank: 'B',
  })
  expect(readFirmwareEvent({ UpdateState: 'asleep' })).toEqual({})
})
