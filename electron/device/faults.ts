/** Deviations that the reference device can be started with, each stated in one sentence. */

export const FAULTS = {
  'refuse-tls': 'Ends every TLS handshake, as a device does that trusts nobody.',
  'wrong-udn': 'Presents a genuine factory certificate that carries the UDN of another device.',
  slow: 'Answers every action three seconds late, and every command by cable two.',
  'die-after-enroll': 'Is killed once, after the answer to Enroll and before anything of it is stored.',
  'die-after-install': 'Is killed once, right after the LDevID is stored.',
  'die-before-confirm': 'Is killed once, right before ConfirmEnrollment is sent.',
  'expired-identity': 'Presents a certificate of its factory whose time is over.',
  'foreign-ca': 'Presents a certificate of a factory that nobody was asked to trust.',
  'lose-confirm': 'Never sends ConfirmEnrollment, so that the controller waits for it.',
  'lose-confirm-answer':
    'Loses the first answer to ConfirmEnrollment, so that the device has to confirm twice.',
  'reject-configuration': 'Refuses every SetValues with error 600.',
  'garbage-soap': 'Answers every action with bytes that are no SOAP message.',
  'never-advertise': 'Sends no advertisement and answers no search.',
  'stale-location': 'Advertises addresses on which nothing listens.',
  unplug: 'Closes the serial port once, in the middle of a command, and opens it again a second later.',
  'drop-fragment': 'Leaves out a line of an answer by cable now and then.',
  'silent-drop': 'Carries out the first command by cable of each kind and never answers it.',
  'rc-2': 'Answers the first command by cable of each kind with rc 2, no memory.',
  'bad-crc': 'Answers the first command by cable of each kind with a wrong checksum.',
  garbage: 'Writes boot messages and binary noise to the serial port between its answers.',
  'not-smp': 'Chatters on the serial port and answers no command there.',
  'reboot-during-cert':
    'Restarts its serial side once, in the middle of a certificate, as after a power cut.',
  'duplicate-key': 'Uses the same key as every other device with this fault.',
  'wrong-challenge': 'Signs a challenge by cable with another key than its own.',
  'die-before-keygen': 'Is killed once, when a key is ordered by cable and nothing is done yet.',
  'die-during-keygen': 'Is killed once, after the key is made and before it is noted whose it is.',
  'die-after-keygen': 'Is killed once, after the key is stored and before the answer leaves.',
  'die-before-cert': 'Is killed once, when a part of a certificate has come and is not stored yet.',
  'die-after-cert': 'Is killed once, after the certificate is installed and before the answer leaves.',
  'die-before-lock': 'Is killed once, when the lock is ordered and nothing is done yet.',
  'die-during-lock': 'Is killed once, after the certificates are in place and before the state is.',
  'die-after-lock': 'Is killed once, after the identity is locked in and before the answer leaves.',
  'die-in-download': 'Is killed once, when half of an image or more lies in the standby bank.',
  'die-in-verify': 'Is killed once, when a whole image was checked and that is not stored yet.',
  'die-before-switch':
    'Is killed once, right before the bank table says that the new image is to be started.',
  'die-after-switch': 'Is killed once, right after the bank table says that the new image is to be started.',
  'die-in-probation': 'Is killed once, right after uptime on trial was stored.',
  'die-before-confirm-firmware': 'Is killed once, right before an image on trial is confirmed.',
  'disk-full': 'Finds the disk full once, at the first bytes of an image.',
  overheat: 'Grows hotter by two degrees a second, up to 96 °C.',
  'low-supply': 'Loses a fifth of a volt of supply a second, down to 9.3 V.',
  'memory-leak': 'Loses one percent of its memory a second, until 2 % are left.',
  quiet: 'Tells its health three times and then no more, nor on asking.',
  'lose-events': 'Grants subscriptions and never sends an event.',
  'clock-behind': 'Dates its log and its health ten minutes late, and says that nobody set its clock.',
  'log-storm': 'Writes fifty records a second into its log.',
  'flash-worn': 'Fails the test of its flash.',
  'sensor-stuck': 'Has a temperature sensor that says −40 °C for ever.',
  'die-before-clear': 'Is killed once, when its log is to be cleared and nothing is done yet.',
  'die-after-clear': 'Is killed once, after its log was cleared and before the answer leaves.',
  'die-before-wipe': 'Is killed once, when a wipe is ordered and nothing is done yet.',
  'die-in-wipe-order': 'Is killed once, right after the order to wipe is stored.',
  'die-in-wipe-state': 'Is killed once in a wipe, after the old state was overwritten.',
  'die-in-wipe-keys': 'Is killed once in a wipe, after the keys of the site were overwritten.',
  'die-in-wipe-log': 'Is killed once in a wipe, after the log was overwritten.',
  'die-in-wipe-health': 'Is killed once in a wipe, after what tests have left was overwritten.',
  'die-in-wipe-bank': 'Is killed once in a wipe, after the standby bank was overwritten.',
  'die-in-wipe-table': 'Is killed once in a wipe, after the bank table says that the standby bank is empty.',
  'die-in-wipe-update': 'Is killed once in a wipe, after the planned update was overwritten.',
  'die-in-wipe-list': 'Is killed once in a wipe, after all files are gone and before the proof is stored.',
  'die-after-wipe': 'Is killed once, after a wipe is done and before the answer leaves.',
} as const satisfies Record<string, string>

/** Faults that may be tied to one command by cable, as NAME@COMMAND. */
export const PLACED_FAULTS = [
  'unplug',
  'drop-fragment',
  'silent-drop',
  'rc-2',
  'bad-crc',
] as const satisfies readonly (keyof typeof FAULTS)[]
export type PlacedFault = (typeof PLACED_FAULTS)[number]
/** The one command that each of them is tied to. */
export type FaultPlaces = Readonly<Partial<Record<PlacedFault, string>>>

/** Whether a fault may be tied to a command. */
export const isPlacedFault = (name: FaultName): name is PlacedFault =>
  (PLACED_FAULTS as readonly FaultName[]).includes(name)

/** Faults of the serial side alone. */
const CABLE_FAULTS: ReadonlySet<string> = new Set<keyof typeof FAULTS>([
  ...PLACED_FAULTS,
  ...(['garbage', 'not-smp', 'reboot-during-cert', 'duplicate-key', 'wrong-challenge'] as const),
  ...(['die-before-keygen', 'die-during-keygen', 'die-after-keygen'] as const),
  ...(['die-before-cert', 'die-after-cert'] as const),
  ...(['die-before-lock', 'die-during-lock', 'die-after-lock'] as const),
])
/** Whether a fault does nothing without a serial side. */
export const isCableFault = (name: FaultName): boolean => CABLE_FAULTS.has(name)

export type FaultName = keyof typeof FAULTS
export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[]

/** Whether a text names a fault. */
export const isFaultName = (text: string): text is FaultName => Object.hasOwn(FAULTS, text)

/** How long the fault `slow` holds an answer back. */
export const SLOW_ANSWER_MS = 3_000
/** The same by cable: late, and inside the patience of the sender. */
export const SLOW_CABLE_MS = 2_000
