import { expect, it } from 'vitest'
import { noteCall, notedProvisioning } from '../../electron/site/noted'
import { udnOf } from '../helpers/device-row'

const makeSite = () => {
  const lines: string[] = []
  const audit = (...words: (string | undefined)[]) => void lines.push(words.join(' '))
  return { lines, operation: { audit } }
}

it('calls of the terminal that change a device are on record, with no argument; questions are not', () => {
  const site = makeSite()
  noteCall(site, udnOf(1), 'Lifecycle.GetLifecycleState')
  noteCall(site, udnOf(1), 'Firmware.RevertFirmware')
  expect(site.lines).toEqual([`action-called ${udnOf(1)} Firmware.RevertFirmware`])
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
