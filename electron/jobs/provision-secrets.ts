/** Setup codes and credentials: the form in which they are sent, and that they stay out of everything that is kept. */
import { inspect } from 'node:util'
import { asIotmcError, IotmcError } from '../contract/errors'
import { SETUP_CODE } from '../contract/timings'

const SHAPE = new RegExp(`^[0-9A-HJKMNP-TV-Z]{${SETUP_CODE.length}}$`)

/** Case, blanks, dashes and look-alikes do not matter (§3). SETUP_CODE_WRONG for what can't be one: no try is spent on it. */
export const setupCodeToSend = (typed: string, udn: string): string => {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
  if (SHAPE.test(code)) return code
  const detail = `not sent: a setup code has ${SETUP_CODE.length} letters and digits`
  throw new IotmcError('SETUP_CODE_WRONG', { subject: udn, detail })
}

/** Shorter texts are found in any sentence. */
const TELLING_MIN = 4

/** Passes errors on as they are, but for one that quotes a secret, as a talkative device might: of that the code alone. */
export const withoutSecrets = async <T>(secrets: readonly string[], work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (thrown) {
    const said = inspect(thrown, { depth: 8, maxStringLength: null, showHidden: true }).toLowerCase()
    const quoted = secrets.some((one) => one.length >= TELLING_MIN && said.includes(one.toLowerCase()))
    throw quoted ? new IotmcError(asIotmcError(thrown).code) : thrown
  }
}
