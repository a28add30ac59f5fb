import { expect, it } from 'vitest'
import { HINTS } from '../../../electron/contract/discovery'
import { ownNetworks, remedies } from '../../../renderer/model/remedies'

const card = (address: string, prefix: number, loopback = false) => ({
  name: address,
  addresses4: [{ address, netmask: '', prefix }],
  addresses6LinkLocal: [],
  loopback,
})

it('own networks are those of the cards, once each and without loopback', () =>
  expect(
    ownNetworks([
      card('127.0.0.1', 8, true),
      card('192.168.7.31', 24),
      card('192.168.7.40', 24),
      card('10.77.200.9', 20),
    ]),
  ).toEqual(['192.168.7.0/24', '10.77.192.0/20']))

it('every firewall hint has a command that names the own network only', () => {
  const commands = HINTS.filter((hint) => hint.startsWith('firewall')).map((hint) =>
    remedies(hint, ['10.4.1.0/24']),
  )
  expect(commands.every((lines) => lines.length > 0)).toBe(true)
  expect(commands[0]).toEqual([
    'sudo ufw allow from 10.4.1.0/24',
    'sudo firewall-cmd --zone=trusted --add-source=10.4.1.0/24',
  ])
  expect(remedies('all-fine', [])).toEqual([])
})
