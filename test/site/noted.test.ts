import { expect, it } from 'vitest'
import { IotmcError } from '../../electron/contract/errors'
import { noteCall, notedProvisioning } from '../../electron/site/noted'
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
