import { expect, it } from 'vitest'
import type { AccountRole } from '../../electron/contract/access'
import type { DecommissionRecord } from '../../electron/contract/decommission'
import { IotmcError } from '../../electron/contract/errors'
import type { Job } from '../../electron/contract/job'
import { cancelNoted, noteCall, notedProvisioning, retryNoted } from '../../electron/site/noted'
import { udnOf } from '../helpers/device-row'

const makeSite = () => {
  const lines: string[] = []
  const audit = (...words: (string | undefined)[]) => void lines.push(words.join(' '))
  const requireFree = (_kind: string, udns: readonly string[]) => {
    if (udns.includes(LEAVING)) throw new IotmcError('FROZEN', { subject: LEAVING })
  }
  return { lines, operation: { audit }, life: { decommissions: { requireFree } } }
}
const LEAVING = udnOf(9)

it('calls of the terminal that change a device are on record, with no argument; questions are not', () => {
  const site = makeSite()
  noteCall(site, udnOf(1), 'Lifecycle.GetLifecycleState')
  noteCall(site, udnOf(1), 'Firmware.RevertFirmware')
  expect(site.lines).toEqual([`action-called ${udnOf(1)} Firmware.RevertFirmware`])
})

it('a wipe is ordered, never called', () => {
  const site = makeSite()
  expect(() => noteCall(site, udnOf(1), 'Lifecycle.Decommission')).toThrow('ORDER_NEEDED')
  expect(site.lines).toEqual([])
})

it('what takes a device out is tried again or called off by a supervisor, and anew before anything was revoked', () => {
  const { lines, operation } = makeSite()
  const job = (n: number, kind: Job['kind'], state: Job['state']) =>
    ({ id: String(n), kind, subject: udnOf(n), state }) as Job
  const jobs = [
    job(1, 'commission', 'failed'),
    job(2, 'decommission', 'failed'),
    job(3, 'decommission', 'failed'),
    job(4, 'decommission', 'waiting'),
  ]
  const site = (role: AccountRole) => ({
    jobs: { list: () => jobs, retry: () => undefined, cancel: () => undefined },
    operation: {
      ...operation,
      accounts: {
        require: (needed: AccountRole) => {
          if (role !== needed) throw new IotmcError('ROLE_TOO_LOW', { subject: needed })
        },
      },
    },
    life: {
      decommissions: {
        ofDevice: (udn: string) => [
          {
            id: udn === udnOf(2) ? '2' : '3',
            state: udn === udnOf(2) ? 'revoked' : 'frozen',
          } as DecommissionRecord,
        ],
      },
    },
  })
  for (const ids of [['2'], ['1', '2']])
    expect(() => retryNoted(site('technician'), ids)).toThrow('ROLE_TOO_LOW')
  expect(() => cancelNoted(site('technician'), ['4'])).toThrow('ROLE_TOO_LOW')
  expect(() => retryNoted(site('supervisor'), ['3'])).toThrow('ORDER_NEEDED')
  expect(lines).toEqual([])
  retryNoted(site('technician'), ['1'])
  retryNoted(site('supervisor'), ['2'])
  // One that goes on has been ordered: nothing is taken up that was called off.
  retryNoted(site('technician'), ['4'])
  cancelNoted(site('supervisor'), ['4'])
  expect(lines).toEqual([
    `jobs-retried ${udnOf(1)}`,
    `jobs-retried ${udnOf(2)}`,
    `jobs-retried ${udnOf(4)}`,
    `jobs-cancelled ${udnOf(4)}`,
  ])
})

it('a device that is leaving may be asked, and is told nothing', () => {
  const site = makeSite()
  noteCall(site, LEAVING, 'Lifecycle.GetLifecycleState')
  expect(() => noteCall(site, LEAVING, 'Lifecycle.Reboot')).toThrow('FROZEN')
  expect(site.lines).toEqual([])
})

it('provisioning is on record with its network, never with a password or setup code', () => {
  const site = makeSite()
  const id = notedProvisioning(
    site,
    { via: 'network', udn: udnOf(1), ssid: 'Hall 1', credential: 'planted-1', setupCode: 'PLANTED2' },
    'job-1',
  )
  expect(id).toBe('job-1')
  expect(site.lines).toEqual([`provisioning-started ${udnOf(1)} Hall 1`])
})
