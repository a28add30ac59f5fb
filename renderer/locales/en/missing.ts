export const missing = {
  title: 'Why is one missing?',
  again: 'Look again',
  intro: 'What this laptop sent and heard on each network, and every announcement that was refused.',
  hints: 'What this means',
  interfaces: 'Networks',
  column: {
    name: 'Network',
    address: 'Address',
    listening: 'Listening',
    searches: 'Searches sent',
    packets: 'Packets heard',
    answers: 'Answers',
    notifies: 'Announcements',
    malformed: 'Unreadable',
    last: 'Last heard',
  },
  yes: 'listening',
  no: 'not listening',
  never: 'never',
  unusedText: 'These exist on this laptop but are not chosen in Settings:',
  refused: 'Refused announcements',
  refusedNone: 'None: everything that was heard is in the list.',
  refusedColumn: {
    from: 'From',
    reason: 'Why it is not in the list',
    count: 'Times',
    last: 'Last',
    usn: 'Says it is',
  },
  refusal: {
    'malformed-packet': 'Its packet cannot be read.',
    'no-location': 'It does not say where its description is.',
    'bad-location': 'The address of its description is not a usable one.',
    'off-subnet':
      'Its description is on another network than it was heard on. “Allow devices of other subnets” in Settings lets it in.',
    'loopback-location': 'It names itself 127.0.0.1, which only works on the device itself.',
    'redirect-other-host': 'Its description points to another machine.',
    'fetch-failed': 'Its description could not be fetched.',
    'too-large': 'Its description is larger than allowed.',
    'not-xml': 'Its description is not readable XML.',
    'udn-mismatch': 'Its announcement and its description name two different devices.',
    'list-full': 'The list is full.',
  },
  hint: {
    'no-interface': {
      title: 'No network is up',
      text: 'This laptop has no network with an address. Plug in the cable or join the site’s Wi-Fi, then look again.',
    },
    'nothing-heard': {
      title: 'Nothing was heard',
      text: 'Searches went out, and nothing came back. Check that a device is powered and on the same network (not behind a router or in another VLAN), then look again.',
    },
    'only-own-packets': {
      title: 'Only this laptop was heard',
      text: 'The network brings back our own packets only. Guest Wi-Fi and “client isolation” do that: use a cable or another network.',
    },
    'port-1900-shared': {
      title: 'Another program uses port 1900',
      text: 'Port 1900 is shared with another program (on Windows often the SSDP service). Announcements usually reach both; if devices are missing, stop the other one.',
    },
    'buffer-small': {
      title: 'The receive buffer is small',
      text: 'The operating system gave less memory for arriving packets than asked. With hundreds of devices some announcements are lost. Allow more with this command, then start the program again:',
    },
    'packets-dropped': {
      title: 'Packets were dropped',
      text: 'The operating system dropped {{drops}} arriving packets because they came too fast. Search again: devices answer at different moments.',
    },
    'firewall-linux': {
      title: 'A firewall may drop announcements',
      text: 'Allow devices of your own network to reach this laptop (announcements on UDP port 1900, and their requests to this program). One of:',
    },
    'firewall-windows': {
      title: 'The Windows firewall may drop announcements',
      text: 'Allow it once, as administrator:',
    },
    'firewall-macos': {
      title: 'The macOS firewall may drop announcements',
      text: 'Allow this program once:',
    },
    'devices-refused': { title: 'Some were heard but refused', text: 'The table below says which and why.' },
    'vpn-active': {
      title: 'A VPN is active',
      text: 'It may take the announcements away from your cable. Pause it, or choose the right networks in Settings.',
    },
    'all-fine': {
      title: 'All networks hear announcements',
      text: 'If one device is still missing, check its power and that it is on one of the networks below; a device that has not been given its network yet is not heard here.',
    },
  },
  openSettings: 'Choose networks…',
} as const
