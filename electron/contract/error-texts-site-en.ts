/** English texts of the causes about whole sites and the end of life. */
import type { ErrorCode } from './errors'

export const SITE_ENGLISH = {
  GROUP_INVALID: [
    "The group {subject} can't be kept like this.",
    'The groups are as they were.',
    "Choose a group above it that exists and does not lie below it; a group with members or groups in it can't be removed.",
  ],
  PHRASE_WRONG: [
    'What was typed is not what was asked for.',
    'Nothing was revoked and nothing was wiped.',
    'Type the words exactly as they are shown.',
  ],
  ORDER_NEEDED: [
    '{subject} is wiped by an order to take it out of operation only.',
    'Nothing was revoked and nothing was wiped.',
    'Order it under Devices with Decommission…, or with “decommission run” in the terminal: both ask for the typed words.',
  ],
  DECOMMISSIONED: [
    '{subject} was decommissioned at this site.',
    'It is refused here; nothing was changed on it.',
    'Look at its record under Site; if it is to come back, allow it in the policy.',
  ],
  PROOF_INVALID: [
    'The proof that {subject} was wiped is not right.',
    'Its certificates are revoked; whether it is wiped is not known.',
    'Try again; if it stays so, treat the device as not wiped.',
  ],
  LABEL_UNREADABLE: [
    'What was scanned is not the label of a device.',
    'Nothing was noted.',
    'Scan the square code on the label of the device that blinks.',
  ],
  CERTIFICATE_UNKNOWN: [
    'This site has issued no such certificate.',
    'Nothing was revoked.',
    'Choose a certificate from the list.',
  ],
  BATCH_UNKNOWN: [
    'These jobs are not on record any more.',
    'Nothing was paused or resumed.',
    'Look at the list of jobs as it is now.',
  ],
  FROZEN: [
    '{subject} is being decommissioned.',
    'Nothing new is started on it.',
    'Wait for the end of its decommissioning under Jobs.',
  ],
} as const satisfies Partial<Record<ErrorCode, readonly [string, string, string]>>
