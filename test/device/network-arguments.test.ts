import { describe, expect, it } from 'vitest'
import { parseArguments } from '../../electron/device/arguments'

const networks = (...texts: string[]) => {
  const given = parseArguments(['--state', 'd', ...texts.flatMap((text) => ['--network', text])])
  return given === 'help' ? given : given.networks
}

describe('networks in reach on the command line', () => {
  it.each([
    ['Plant=eth1,secret', { ssid: 'Plant', interfaceName: 'eth1', credential: 'secret' }],
    ['Guests=eth2', { ssid: 'Guests', interfaceName: 'eth2', credential: '' }],
    ['a=b=eth1,x=y,z', { ssid: 'a=b', interfaceName: 'eth1', credential: 'x=y,z' }],
    ['Halle, Süd=wlan0,', { ssid: 'Halle, Süd', interfaceName: 'wlan0', credential: '' }],
  ])('%s', (text, expected) => {
    expect(networks(text)).toEqual([expected])
  })

  it('are as many as are given, and none by default', () => {
    expect(networks('A=eth1', 'B=eth2')).toHaveLength(2)
    expect(networks()).toBeUndefined()
  })

  it.each([
    ['Plant'],
    ['=eth1'],
    ['Plant='],
    ['Plant=,x'],
    [`${'ü'.repeat(17)}=eth1`],
    [`Plant=eth1,${'x'.repeat(129)}`],
  ])('%s is refused in one line', (text) => {
    expect(() => networks(text)).toThrow(/^USAGE: --network must be [^\n]+$/)
  })

  it('have a setup network beside them', () => {
    const argv = ['--state', 'd', '--interface', 'eth0', '--setup-interface', 'wlan9']
    expect(parseArguments(argv)).toMatchObject({ interfaces: ['eth0'], setupInterfaces: ['wlan9'] })
    expect(() => parseArguments([...argv, '--setup-interface', ''])).toThrow('--setup-interface must be')
  })
})
