/** How commands of the profile's own group refuse. */
import { IotmcError } from '../contract/errors'
import { IOTMC_RC, SMP_GROUP, SMP_RC } from '../contract/smp'
import { SmpRefusal } from '../serial/refusal'

/** A refusal by name. */
export const refuse = (reason: keyof typeof IOTMC_RC): SmpRefusal =>
  new SmpRefusal(SMP_GROUP.iotmc, IOTMC_RC[reason])

/** What a failure is on the wire: an argument that is not valid, the place, or the storage behind it. */
export const asRefusal = (thrown: unknown): SmpRefusal => {
  if (thrown instanceof SmpRefusal) return thrown
  if (!(thrown instanceof IotmcError)) return refuse('unknown')
  switch (thrown.code) {
    case 'BUSY':
      return new SmpRefusal(undefined, SMP_RC.busy)
    case 'WRONG_PHASE':
      return refuse('wrongPhase')
    case 'NOT_AUTHORIZED':
      return refuse('notAuthorized')
    case 'ACTION_FAILED':
    case 'DATA_DAMAGED':
      return refuse('storage')
    default:
      return refuse('invalid')
  }
}
