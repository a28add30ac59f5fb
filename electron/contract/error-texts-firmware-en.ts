import type { ErrorCode } from './errors'

/** Causes about firmware; the same three sentences as all others. */
export const FIRMWARE_ENGLISH = {
  NO_SPACE: [
    '{subject} has not enough room for this firmware.',
    'It runs its old firmware; nothing was changed.',
    'Free some room, or use a smaller image.',
  ],
  HASH_MISMATCH: [
    'The image does not have the checksum that its manifest states.',
    'It was not installed; the old firmware runs.',
    'Get the bundle again from its maker and add it anew.',
  ],
  SIGNATURE_INVALID: [
    'The signature of this firmware is not right.',
    'It was not installed; the old firmware runs.',
    'Do not use this bundle; get it again from its maker.',
  ],
  SECURITY_VERSION_TOO_LOW: [
    'This firmware is older than {subject} allows for its safety.',
    'It was not installed; the old firmware runs.',
    'Use a bundle with the same or a higher security version.',
  ],
  NO_STANDBY_BANK: [
    '{subject} has no second bank that could be written or started now.',
    'It runs its old firmware; nothing was changed.',
    'Wait until its trial has ended, or send the firmware again.',
  ],
  IMAGE_TRUNCATED: [
    'The image ended too early.',
    'It was not installed; the old firmware runs.',
    'Check the network and try again; what has arrived is kept.',
  ],
  DOWNGRADE_REFUSED: [
    'This firmware is not newer than the one that {subject} runs.',
    'Nothing was changed.',
    'Choose a newer version.',
  ],
  SIGNER_REFUSED: [
    'Whoever signed this firmware may not do so.',
    'It was not installed; nothing was changed.',
    'Check the signer: trusted root, made for code signing, not expired, not revoked.',
  ],
  IMAGE_INVALID: [
    'This is not an image that a device could start.',
    'Nothing was sent.',
    'Get the bundle again from its maker.',
  ],
  UPDATE_UNKNOWN: [
    '{subject} does not know this update any more.',
    'Its firmware is as it was.',
    'Look at its banks and start the update again.',
  ],
  VERSION_NOT_OFFERED: [
    'This laptop does not offer the version that was asked for.',
    'Nothing was changed.',
    'Add its bundle to the library and start the update again.',
  ],
  BUNDLE_INVALID: [
    '{subject} is not a firmware bundle that can be used.',
    'It was not added.',
    'Get the bundle again from its maker.',
  ],
  BUNDLE_UNKNOWN: [
    'This bundle is not in the library.',
    'Nothing was changed.',
    'Add the bundle, then try again.',
  ],
  ROLLOUT_UNKNOWN: ['There is no such rollout.', 'Nothing was changed.', 'Look at the list of rollouts.'],
  ROLLOUT_STOPPED: [
    'The rollout was stopped before {subject} was updated.',
    'It runs the firmware that it ran before.',
    'Apply the plan again, or begin a new rollout.',
  ],
  ROLLED_BACK: [
    '{subject} went back to its old firmware.',
    'It runs as before; the new image is marked as invalid.',
    'Look at the reason before you try this version again.',
  ],
  DEADLINE_PASSED: [
    'Nothing was heard of {subject} in time.',
    'It may still be working, or have come back to its old bank by itself.',
    'Go and look at the device; when it is back, its banks say how it stands.',
  ],
  CONSENT_NEEDED: [
    '{subject} has no way back to its old firmware.',
    'Nothing was sent.',
    'Confirm that you accept this, or leave the device as it is.',
  ],
} as const satisfies Partial<Record<ErrorCode, readonly [what: string, state: string, next: string]>>
