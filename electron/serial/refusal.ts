/** A device's "no": which group says it, by which number, and how it reads. */
import { IotmcError } from '../contract/errors'
import { IMAGE_RC, IOTMC_RC, OS_RC, SMP_GROUP, SMP_RC } from '../contract/smp'
import type { CborMap } from './cbor'

/** What a server's handler throws, and what stands behind a DEVICE_REFUSED. */
export class SmpRefusal extends Error {
  /** Without a group, `rc` is one of the protocol's own codes (`SMP_RC`), as in every answer of version 1. */
  constructor(
    readonly group: number | undefined,
    readonly rc: number,
    readonly reason?: string,
  ) {
    super(inWords(group, rc, reason))
    this.name = 'SmpRefusal'
  }
}

/** Group and code of a DEVICE_REFUSED; undefined for every other error. */
export const refusalOf = (
  thrown: unknown,
): { readonly group: number | undefined; readonly rc: number } | undefined => {
  const cause = thrown instanceof IotmcError ? thrown.cause : thrown
  return cause instanceof SmpRefusal ? { group: cause.group, rc: cause.rc } : undefined
}

/** The refusal in an answer, in either of its forms; undefined when the answer is none. */
export const refusalIn = (payload: CborMap): SmpRefusal | undefined => {
  const { err, rc, rsn } = payload
  if (typeof err === 'object' && err !== null && 'group' in err && 'rc' in err) {
    if (isCode(err.group) && isCode(err.rc))
      return err.rc === 0 ? undefined : new SmpRefusal(err.group, err.rc)
  }
  if (!isCode(rc) || rc === 0) return undefined
  return new SmpRefusal(undefined, rc, typeof rsn === 'string' ? printable(rsn) : undefined)
}

const isCode = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

const printable = (text: string): string => text.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 80)

const NAMES: Readonly<Record<number, Readonly<Record<string, number>>>> = {
  [SMP_GROUP.os]: OS_RC,
  [SMP_GROUP.image]: IMAGE_RC,
  [SMP_GROUP.iotmc]: IOTMC_RC,
}

const inWords = (group: number | undefined, rc: number, reason: string | undefined): string => {
  const name = Object.entries(group === undefined ? SMP_RC : (NAMES[group] ?? {})).find(
    ([, code]) => code === rc,
  )?.[0]
  const where = group === undefined ? '' : `group ${group} `
  return `${where}rc ${rc}${name ? ` (${name})` : ''}${reason ? `: ${reason}` : ''}`
}

/** What version 1 says in place of a group's own codes, which it can't carry. */
const PLAIN: Readonly<Record<number, Readonly<Record<number, number>>>> = {
  [SMP_GROUP.os]: { [OS_RC.noAnswerToQuery]: SMP_RC.invalid },
  [SMP_GROUP.image]: {
    [IMAGE_RC.hashNotFound]: SMP_RC.noEntry,
    [IMAGE_RC.noFreeSlot]: SMP_RC.noMemory,
    [IMAGE_RC.badHeader]: SMP_RC.invalid,
    [IMAGE_RC.badMagic]: SMP_RC.invalid,
    [IMAGE_RC.versionNotHigher]: SMP_RC.badState,
    [IMAGE_RC.alreadyPending]: SMP_RC.badState,
    [IMAGE_RC.imageTooLarge]: SMP_RC.noMemory,
    [IMAGE_RC.confirmationDenied]: SMP_RC.badState,
    [IMAGE_RC.testOfActive]: SMP_RC.badState,
  },
  [SMP_GROUP.iotmc]: {
    [IOTMC_RC.wrongPhase]: SMP_RC.badState,
    [IOTMC_RC.noKey]: SMP_RC.noEntry,
    [IOTMC_RC.keyMismatch]: SMP_RC.invalid,
    [IOTMC_RC.otherSubject]: SMP_RC.invalid,
    [IOTMC_RC.invalid]: SMP_RC.invalid,
    [IOTMC_RC.notAuthorized]: SMP_RC.accessDenied,
  },
}

/** A refusal as the answer that carries it in this version. */
export const refusalAnswer = ({ group, rc }: SmpRefusal, version: 1 | 2): CborMap => {
  if (group === undefined) return { rc }
  return version === 2 ? { err: { group, rc } } : { rc: PLAIN[group]?.[rc] ?? SMP_RC.unknown }
}
