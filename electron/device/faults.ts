/** Deviations that the reference device can be started with, each stated in one sentence. */

export const FAULTS = {
  'refuse-tls': 'Ends every TLS handshake, as a device does that trusts nobody.',
  'wrong-udn': 'Presents a genuine factory certificate that carries the UDN of another device.',
  slow: 'Answers every action three seconds late.',
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
} as const satisfies Record<string, string>

export type FaultName = keyof typeof FAULTS
export const FAULT_NAMES = Object.keys(FAULTS) as readonly FaultName[]

/** Whether a text names a fault. */
export const isFaultName = (text: string): text is FaultName => Object.hasOwn(FAULTS, text)

/** How long the fault `slow` holds an answer back. */
export const SLOW_ANSWER_MS = 3_000
