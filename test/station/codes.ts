/** What an action was refused with. */
import { IotmcError } from '../../electron/contract/errors'

const codeIn = (thrown: unknown): string => {
  if (thrown instanceof IotmcError) return thrown.code
  throw thrown
}

/** The code that something throws; undefined if nothing. */
export const codeOf = (work: () => unknown): string | undefined => {
  try {
    work()
    return undefined
  } catch (thrown) {
    return codeIn(thrown)
  }
}

/** The code that a promise is rejected with; undefined if it is not. */
export const codeAfter = (promise: Promise<unknown>): Promise<string | undefined> =>
  promise.then(() => undefined, codeIn)
