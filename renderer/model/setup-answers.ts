/** The answers of the first run, and what is still missing. Pure. */
import type { CallRequest } from '../../electron/contract/ipc'

export interface SetupAnswers {
  readonly technician: string
  readonly siteName: string
  readonly allInterfaces: boolean
  readonly interfaces: readonly string[]
  readonly site: 'new' | 'open'
  readonly file: { readonly name: string; readonly base64: string } | undefined
  readonly filePassphrase: string
  readonly passphrase: string
  readonly again: string
}

export const EMPTY_ANSWERS: SetupAnswers = {
  technician: '',
  siteName: '',
  allInterfaces: true,
  interfaces: [],
  site: 'new',
  file: undefined,
  filePassphrase: '',
  passphrase: '',
  again: '',
}

/** As in the contract's setupRequestSchema. */
const PASSPHRASE_MIN = 8

export type MissingAnswer = 'technician' | 'interfaces' | 'siteName' | 'file' | 'passphrase'

/** The first answer that is still missing, in the order of the questions. */
export const missingAnswer = (answers: SetupAnswers, osKeyStore: boolean): MissingAnswer | undefined => {
  if (answers.technician.trim() === '') return 'technician'
  if (!answers.allInterfaces && answers.interfaces.length === 0) return 'interfaces'
  if (answers.siteName.trim() === '') return 'siteName'
  if (answers.site === 'open' && !answers.file) return 'file'
  if (!osKeyStore && (answers.passphrase.length < PASSPHRASE_MIN || answers.passphrase !== answers.again))
    return 'passphrase'
  return undefined
}

export const setupRequest = (answers: SetupAnswers, osKeyStore: boolean): CallRequest<'app.setup'> => ({
  technician: answers.technician.trim(),
  siteName: answers.siteName.trim(),
  interfaces: answers.allInterfaces ? [] : [...answers.interfaces],
  ...(osKeyStore ? {} : { passphrase: answers.passphrase }),
  ...(answers.site === 'open' && answers.file
    ? { pkcs12: { base64: answers.file.base64, passphrase: answers.filePassphrase } }
    : {}),
})
