import { describe, expect, it } from 'vitest'
import { CALL_ROLES } from '../../../electron/contract/call-roles'
import type { CallName } from '../../../electron/contract/ipc'
import { draftProblem, isLastSupervisor } from '../../../renderer/model/accounts'
import { missingRole } from '../../../renderer/model/may'

const ACCOUNTS = [
  { name: 'Sue', role: 'supervisor' },
  { name: 'Tim', role: 'technician' },
] as const
const whole = { name: 'Vic', role: 'viewer', secret: '123456', again: '123456' } as const

describe('a new account', () => {
  it.each([
    [{}, undefined],
    [{ name: ' ' }, 'nameNeeded'],
    [{ name: ' sUE ' }, 'taken'],
    [{ secret: '12345', again: '12345' }, 'secretNeeded'],
    [{ secret: 'short', again: 'short' }, 'secretNeeded'],
    [{ again: '123457' }, 'againNeeded'],
    [{ secret: 'long enough', again: 'long enough' }, undefined],
  ])('with %j lacks %s', (part, problem) => {
    expect(draftProblem({ ...whole, ...part }, ACCOUNTS)).toBe(problem)
  })
})

it('the last supervisor is known', () => {
  expect(isLastSupervisor(ACCOUNTS[0], ACCOUNTS)).toBe(true)
  expect(isLastSupervisor(ACCOUNTS[1], ACCOUNTS)).toBe(false)
  expect(isLastSupervisor(ACCOUNTS[0], [...ACCOUNTS, { name: 'Ed', role: 'supervisor' }])).toBe(false)
})

describe('what the window greys', () => {
  const names = Object.keys(CALL_ROLES) as CallName[]
  it('is what the main process would refuse', () => {
    const account = { name: 'Vic', role: 'viewer' } as const
    for (const name of names)
      expect(missingRole(name, { stage: 'ready', account }), name).toBe(
        CALL_ROLES[name] === 'viewer' ? undefined : CALL_ROLES[name],
      )
  })
  it('is nothing for a supervisor, and nothing without accounts', () => {
    for (const name of names) {
      expect(missingRole(name, { stage: 'ready', account: ACCOUNTS[0] })).toBeUndefined()
      expect(missingRole(name, { stage: 'ready' })).toBeUndefined()
      expect(missingRole(name, undefined)).toBeUndefined()
    }
  })
})
