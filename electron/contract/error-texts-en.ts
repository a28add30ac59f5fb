import { FIRMWARE_ENGLISH } from './error-texts-firmware-en'
import { OPERATION_ENGLISH } from './error-texts-operation-en'
import { SITE_ENGLISH } from './error-texts-site-en'
import type { ErrorCode } from './errors'

/** What happened · how things stand now · what to do next. `{subject}` is a device, file or network by name. */
export const ENGLISH: Readonly<Record<ErrorCode, readonly [what: string, state: string, next: string]>> = {
  INVALID_ACTION: [
    '{subject} does not know this action.',
    'Nothing was changed.',
    'Check that the firmware of the device and this program are up to date.',
  ],
  INVALID_ARGS: [
    '{subject} did not understand the request.',
    'Nothing was changed.',
    'Check that the firmware of the device and this program are up to date, then try again.',
  ],
  ACTION_FAILED: [
    '{subject} could not carry out the action.',
    'The device is still there, but what was asked for was not done.',
    'Try again; if it fails again, restart the device.',
  ],
  VALUE_INVALID: [
    'A value does not have the right form.',
    'Nothing was changed.',
    'Correct the value and try again.',
  ],
  VALUE_OUT_OF_RANGE: [
    'A value is outside the allowed range.',
    'Nothing was changed.',
    'Enter a value within the limits and try again.',
  ],
  STRING_TOO_LONG: ['A text is too long.', 'Nothing was changed.', 'Shorten the text and try again.'],
  NOT_AUTHORIZED: [
    'This laptop may not do that on {subject}.',
    'Nothing was changed.',
    'Use the laptop of the site that commissioned the device.',
  ],
  AUTHENTICATION_FAILED: [
    '{subject} did not accept the proof of who we are.',
    'Nothing was changed.',
    'Check that the device belongs to this site, then try again.',
  ],
  SETUP_CODE_WRONG: [
    'The setup code is wrong.',
    'The device is unchanged; after five wrong codes it locks for a while.',
    'Read the code from the label again, or scan it.',
  ],
  LOCKED_OUT: [
    'There were too many wrong tries.',
    'Further tries are refused for a while; nothing was lost.',
    'Wait for the time shown, then enter the code or passphrase again.',
  ],
  IDENTITY_NOT_TRUSTED: [
    'The certificate of {subject} does not come from a maker or site that is trusted here.',
    'Nothing was sent to the device and nothing was changed.',
    'Check the label; if the device is genuine, add the root certificate of its maker under Settings.',
  ],
  IDENTITY_REVOKED: [
    'The certificate of {subject} was revoked.',
    'Nothing was sent to the device and nothing was changed.',
    'Do not use this device; ask the site lead or the maker why it was revoked.',
  ],
  PENDING: [
    '{subject} is waiting for approval.',
    'The device is unchanged and goes on asking by itself.',
    'Open Commission, compare the identity and approve or reject it.',
  ],
  WRONG_PHASE: [
    '{subject} does not allow this in its present phase.',
    'Nothing was changed.',
    'Look at the phase of the device and finish the step that comes before.',
  ],
  BUSY: [
    '{subject} is busy with something else.',
    'Nothing was changed; its running work goes on.',
    'Wait a minute and try again.',
  ],
  UNKNOWN_PARAMETER: [
    '{subject} does not have one of these settings.',
    'None of the new values was taken over; the old ones still apply.',
    'Remove the setting from the group, or move the device to a group made for its model.',
  ],
  READ_ONLY_PARAMETER: [
    'One of these settings of {subject} can only be read.',
    'None of the new values was taken over; the old ones still apply.',
    'Remove the setting from the group and try again.',
  ],
  IDENTITY_EXPIRED: [
    'The certificate of {subject} is not valid today.',
    'Nothing was sent to the device and nothing was changed.',
    'Check date and time of this laptop first; if they are right, commission the device again.',
  ],
  UDN_MISMATCH: [
    '{subject} answered with the certificate of another device.',
    'Nothing was sent to it and nothing was changed.',
    'Check addresses and cabling, compare the label, and search again.',
  ],
  REQUEST_INVALID: [
    'The certificate request of {subject} is not in order.',
    'No certificate was issued; the device is unchanged.',
    'Restart the device; if it happens again, send it back to the maker.',
  ],
  KEY_REUSED: [
    '{subject} uses a key that another device already uses.',
    'No certificate was issued; the device is unchanged.',
    'Do not use this device: it may be a copy. Report its serial number to the maker.',
  ],
  REJECTED: [
    '{subject} was rejected.',
    'The device got no certificate and is unchanged.',
    'If that was a mistake, commission the device again and approve it.',
  ],
  DEVICE_UNKNOWN: [
    '{subject} is not on the list of devices.',
    'Nothing was changed.',
    'Search again, and check that the device is switched on and on this network.',
  ],
  DEVICE_OFFLINE: [
    '{subject} has not been heard for a while.',
    'Its last known state is kept; waiting work goes on when it is back.',
    'Check power and network of the device.',
  ],
  DEVICE_UNREACHABLE: [
    '{subject} can not be reached at its address.',
    'Nothing was changed.',
    'Check power, network and firewall, then try again.',
  ],
  TLS_REFUSED: [
    'No secure connection to {subject} came about.',
    'Nothing was sent over an insecure one, and nothing was changed.',
    'Check that the device belongs to this site, restart it and try again.',
  ],
  TIMED_OUT: [
    '{subject} did not answer in time.',
    'It is not known whether the device carried the request out.',
    'Try again: the device is asked first how it stands, so nothing is done twice.',
  ],
  BAD_ANSWER: [
    '{subject} gave an answer that makes no sense.',
    'The answer was not used; what was asked for may not have been done.',
    'Try again; if it happens again, update the firmware of the device.',
  ],
  READ_BACK_DIFFERS: [
    '{subject} says something else than what was written to it.',
    'The device runs with the values that it reports.',
    'Run the job again; if the difference stays, look at the configuration of the device.',
  ],
  NOT_CONFIRMED: [
    '{subject} has not confirmed its commissioning.',
    'It has its certificate, but is not in operation yet.',
    'Leave the device switched on and on the network, then run the job again.',
  ],
  DEVICE_NOT_MANAGED: [
    '{subject} can not be managed with this program.',
    'The device is listed, but is left alone.',
    'Choose a device that is marked as manageable.',
  ],
  USAGE: [
    'The command or entry is not complete.',
    'Nothing was done.',
    'Look at the help of the command, or fill in what is missing.',
  ],
  CANCELLED: [
    'This was cancelled.',
    'What was done until then stays done.',
    'Run it again when you want to go on.',
  ],
  INTERRUPTED: [
    'The program was closed while this was running.',
    'What was finished stays finished; the open step is known.',
    'Run the job again: it asks the device first and goes on from there.',
  ],
  INTERFACE_UNKNOWN: [
    'This laptop does not have the chosen network: {subject}.',
    'The program is not listening there.',
    'Plug the adapter in, or choose another network in Settings.',
  ],
  NETWORK_UNAVAILABLE: [
    'The network can not be used at the moment.',
    'Devices can not be heard or reached; jobs wait.',
    'Check cable, Wi-Fi and the chosen networks in Settings.',
  ],
  VAULT_LOCKED: [
    'The keys of this site are locked.',
    'Devices can be seen, but not commissioned or changed.',
    'Enter the passphrase of the site.',
  ],
  PASSPHRASE_WRONG: [
    'The passphrase is wrong.',
    'Nothing was opened and nothing was changed.',
    'Check the Caps Lock key and the keyboard language, and enter it again.',
  ],
  DATA_IN_USE: [
    'Another window or program already has this site open.',
    'Nothing was changed.',
    'Close the other one, or go on working there.',
  ],
  DATA_DAMAGED: [
    'A file of this site is damaged: {subject}.',
    'It was not used and not overwritten; the devices go on working.',
    'Restore the data folder from a backup, or ask the site lead.',
  ],
  FILE_INVALID: [
    '{subject} can not be read as what is needed here.',
    'Nothing was taken over from it.',
    'Choose another file, or have it made again.',
  ],
  CERTIFICATE_INVALID: [
    'A certificate does not fit its purpose: {subject}.',
    'It was not taken over; nothing was changed.',
    'Choose a certificate that fits; an authority needs a P-256 or P-384 key and the right to issue certificates.',
  ],
  JOB_UNKNOWN: [
    'This job is no longer there.',
    'Nothing was changed.',
    'Look at the list of jobs and start it again if needed.',
  ],
  GROUP_UNKNOWN: [
    'There is no such group: {subject}.',
    'Nothing was changed.',
    'Choose a group from the list, or make it under Site.',
  ],
  SETUP_NEEDED: [
    'This program has not been set up yet.',
    'Nothing was changed.',
    'Answer the questions of the first start.',
  ],
  REQUEST_REFUSED: [
    'The program refused this request.',
    'Nothing was changed.',
    'Check what was entered and try again.',
  ],
  SECRET_NEEDED: [
    'A setup code or network password is needed again: {subject}.',
    'It is never written to disk, so a restart forgets it; the device is as it was.',
    'Open the wizard again and enter it once more.',
  ],
  PRINTER_UNAVAILABLE: [
    'The printer cannot be used: {subject}.',
    'Nothing was printed; the device itself is finished.',
    'Check the printer, or save the label as PDF.',
  ],
  SERIAL_PORT_MISSING: [
    'The serial port is not there: {subject}.',
    'Nothing was sent.',
    'Plug the cable in and check that it carries data, not only power; then choose the port again.',
  ],
  SERIAL_PORT_DENIED: [
    'This user may not open the serial port: {subject}.',
    'Nothing was sent.',
    'On Linux add the user to the group “dialout” (sudo usermod -aG dialout $USER) and sign in again; elsewhere install the driver of the cable.',
  ],
  SERIAL_PORT_BUSY: [
    'Another program uses the serial port: {subject}.',
    'Nothing was sent.',
    'Close the other program (a terminal, a second station), then try again.',
  ],
  SERIAL_UNPLUGGED: [
    'The device was unplugged while work was under way.',
    'What was done before is on record; the step under way is open.',
    'Plug the same device in again: the work goes on where it stood.',
  ],
  SERIAL_SILENT: [
    'Nothing answers on the serial port: {subject}.',
    'Nothing was changed.',
    'Check power and cable, press reset on the device, then try again.',
  ],
  NOT_SMP: [
    'What talks on this port does not speak the management protocol: {subject}.',
    'Nothing was changed; only questions were sent.',
    'Check that the right device is in the lane and that its firmware has the serial management service.',
  ],
  DEVICE_REFUSED: [
    '{subject} refused a command on the serial link.',
    'The step was not done; the steps before it stand.',
    'Take the device out and in again; if it refuses again, set it aside for the supervisor.',
  ],
  WRONG_MODEL: [
    'The device is of another model: {subject}.',
    'Nothing was changed.',
    'Put a device of the right model in, or choose the other model.',
  ],
  ALREADY_LOCKED: [
    'This device has its identity already: {subject}.',
    'It is locked; nothing was changed.',
    'Take it out. If it should be new, check its label against the ledger.',
  ],
  SERIAL_NUMBER_USED: [
    'This serial number was used before: {subject}.',
    'Nothing was changed; the device in the lane is as it was.',
    'Scan another number; the ledger shows where this one was used.',
  ],
  SERIAL_NUMBER_INVALID: [
    'This is not a serial number of this line: {subject}.',
    'Nothing was changed.',
    'Scan the label again; letters, digits, dots and dashes within the released ranges are accepted.',
  ],
  RANGE_EXHAUSTED: [
    'All released serial numbers are used.',
    'Nothing was changed.',
    'A supervisor has to release another range of numbers.',
  ],
  AUTHORITY_MISSING: [
    'This station has no authority to issue certificates.',
    'Nothing was changed.',
    'Under Factory, make the station request, have it signed by the root, and install the answer.',
  ],
  AUTHORITY_EXPIRED: [
    'The time of the station authority is over: {subject}.',
    'No certificate was issued; devices that are finished stay valid.',
    'Have a new station request signed by the root.',
  ],
  QUOTA_EXHAUSTED: [
    'The station has issued as many certificates as its root allows.',
    'No certificate was issued.',
    'Have a new station request signed by the root, with a new quota.',
  ],
  AUTHORITY_UNTRUSTED: [
    'The certificate chain of the station does not end at a trusted root: {subject}.',
    'It was not installed; nothing was changed.',
    'Check that the request was signed by the right root, then install its answer.',
  ],
  LEDGER_INVALID: [
    'The ledger does not verify: {subject}.',
    'Nothing more is written to it and no device is started.',
    'Keep the file as it is, tell the supervisor, and compare it with the last export.',
  ],
  SOFTWARE_KEY_REFUSED: [
    'The device keeps its key in plain flash, and this line accepts hardware-held keys only.',
    'Nothing was changed.',
    'Set the device aside, or let a supervisor allow software-held keys.',
  ],
  PIN_WRONG: [
    'The PIN is wrong.',
    'The station stays locked; after five wrong PINs it waits.',
    'Enter the PIN again.',
  ],
  LANE_LOCKED: [
    'This lane has locked itself after failures in a row: {subject}.',
    'Its devices are not started; the other lanes go on.',
    'Call the supervisor, who finds the cause and unlocks the lane.',
  ],
  OTHER_DEVICE: [
    'Another device than the one that was begun is in the lane.',
    'Nothing was sent to it.',
    'Put the device back that was begun, or let a supervisor burn its serial number.',
  ],
  SELF_TEST_FAILED: [
    'The device could not prove that it holds its key.',
    'The certificate is installed, but the device is not locked and not finished.',
    'Take it out and in again; if it fails again, set it aside for the supervisor.',
  ],
  NETWORK_NOT_JOINED: [
    '{subject} did not come up on the new network.',
    'It may still be on the setup network with its old state.',
    'Check name and password of the network, wait a minute, then provision it again.',
  ],
  ...FIRMWARE_ENGLISH,
  ...OPERATION_ENGLISH,
  ...SITE_ENGLISH,
  DEFECT: [
    'Something went wrong inside this program.',
    'What was finished is kept; the step that failed is not counted as done.',
    'Try again; if it happens again, restart the program and report it.',
  ],
}
