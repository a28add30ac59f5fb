/** What the terminal prints: results on stdout, sentences on stderr, the cause as exit code. */
import { explain } from '../contract/error-texts'
import { asIotmcError, exitCode, type IotmcError } from '../contract/errors'

/** One JSON object on a line of stdout. */
export const printJson = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g

/** Text without signs that steer a terminal: devices and files choose their words. Tab and line break stay. */
export const harmless = (text: string): string => text.replace(CONTROLS, '\ufffd')

/** One line for people on stdout. */
export const printLine = (text: string): void => {
  process.stdout.write(`${harmless(text)}\n`)
}

const language = (): 'en' | 'de' =>
  (process.env.LC_ALL ?? process.env.LANG ?? '').startsWith('de') ? 'de' : 'en'

/** The three sentences of an error, and its technical phrase where it has one. */
export const errorLines = (error: IotmcError): string => {
  const { what, state, next } = explain(error.code, language(), error.subject)
  const detail = error.detail ? ` (${error.code}: ${error.detail})` : ` (${error.code})`
  return `${what}${detail}\n${state}\n${language() === 'de' ? 'Nächster Schritt' : 'Next'}: ${next}\n`
}

/** Prints a failure and sets the exit code. As JSON on stdout when `json`, so that scripts see one stream. */
export const printFailure = (thrown: unknown, json: boolean): void => {
  const error = asIotmcError(thrown)
  if (json) printJson({ error: { code: error.code, subject: error.subject, detail: error.detail } })
  process.stderr.write(harmless(errorLines(error)))
  if (error.code === 'DEFECT' && process.env.IOTMC_DEBUG) console.error(thrown)
  process.exitCode = exitCode(error.code)
}
