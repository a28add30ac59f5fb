/** English texts of the causes about operation: logs, tests, configuration plans, reports, accounts. */
import type { ErrorCode } from './errors'

export const OPERATION_ENGLISH = {
  LOG_RANGE_GONE: [
    '{subject} has begun a new log since it was last asked.',
    'What was stored here before is kept; the rest of the old log is gone.',
    'Fetch the log again; it starts with the new one.',
  ],
  NOT_RETRIEVED: [
    '{subject} keeps log records that nobody has fetched yet.',
    'Nothing was cleared.',
    'Fetch the whole log first, then clear it.',
  ],
  NO_EXTERNAL_STORAGE: [
    '{subject} has no external storage that it could write to.',
    'Its log is unchanged.',
    'Plug a storage in at the device, or fetch the log over the network.',
  ],
  TEST_UNKNOWN: ['{subject} knows no such test.', 'No result can be had for it.', 'Start the test again.'],
  PLAN_UNKNOWN: [
    'This change of configuration is not on record.',
    'Nothing was changed.',
    'Make a new preview.',
  ],
  PLAN_STALE: [
    '{subject} is no longer as the preview showed it.',
    'Its configuration, its group or the site plan has changed since; nothing was sent to it.',
    'Look at a new preview, then apply that one.',
  ],
  REPORT_INVALID: [
    'This report can not be believed: {subject}.',
    'Something in it is not as it was signed.',
    'Ask who gave it to you for the original.',
  ],
  SIGN_IN_WRONG: [
    'Name and PIN or passphrase do not belong together.',
    'Nobody is signed in.',
    'Try again; after several wrong tries you have to wait.',
  ],
  SIGN_IN_NEEDED: ['Nobody is signed in.', 'Nothing was changed.', 'Sign in with your account first.'],
  ROLE_TOO_LOW: [
    'Your account may not do this.',
    'Nothing was changed.',
    'Ask somebody whose account may: {subject}.',
  ],
  AUDIT_DAMAGED: [
    'The record of who did what has been changed from outside.',
    'New entries are still added; the old ones can not be relied on.',
    'Keep a copy of the data folder and find out who had access to it.',
  ],
  CHECK_FAILED: [
    'The health check of {subject} has found a fault.',
    'The device was not changed.',
    'Read the finding and do what it says.',
  ],
  CONFIGURATION_DIFFERS: [
    '{subject} does not run the configuration it should have.',
    'Nothing was changed.',
    'Look at the differences, then apply the template or change it.',
  ],
} as const satisfies Partial<Record<ErrorCode, readonly [what: string, state: string, next: string]>>
