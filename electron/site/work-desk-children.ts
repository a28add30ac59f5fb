/** Jobs that devices get together: who asks within a moment shares one plan of configuration, or one rollout. */
import type { Values } from '../contract/configuration'
import { asIotmcError, IotmcError } from '../contract/errors'
import type { BoardState, RolloutPlan } from '../contract/firmware'
import { SITE_PLAN_LIMITS } from '../contract/timings'
import type { UpdateStand } from '../jobs/apply'
import type { Clock } from '../net/clock'
import type { ConfigurationDesk } from '../operation/configuration-desk'
import type { FirmwareDesk } from './firmware-desk'
import { bundleFor } from './work-desk-preview'

interface Waiting<Q, A> {
  readonly question: Q
  readonly signal: AbortSignal
  readonly answer: (value: A) => void
  readonly fail: (thrown: unknown) => void
}

/** Asks once for all devices that come within `SITE_PLAN_LIMITS.gatherMs`; who is cancelled before is left out. */
export class Gathered<Q, A> {
  private readonly waiting = new Map<string, Waiting<Q, A>>()

  /** `act` gives the answer of each device, or why there is none; `isWanted` until it is cancelled. */
  constructor(
    private readonly clock: Clock,
    private readonly act: (
      asked: ReadonlyMap<string, Q>,
      isWanted: (udn: string) => boolean,
    ) => Promise<ReadonlyMap<string, A | IotmcError>>,
  ) {}

  /** Errors: what `act` has for this device, CANCELLED. */
  ask(udn: string, question: Q, signal: AbortSignal): Promise<A> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new IotmcError('CANCELLED'))
      const one: Waiting<Q, A> = { question, signal, answer: resolve, fail: reject }
      if (this.waiting.size === 0) this.clock.setTimer(() => void this.go(), SITE_PLAN_LIMITS.gatherMs)
      this.waiting.set(udn, one)
      const leave = (): void => {
        if (this.waiting.get(udn) === one) this.waiting.delete(udn)
        reject(new IotmcError('CANCELLED'))
      }
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  private async go(): Promise<void> {
    const all = new Map(this.waiting)
    this.waiting.clear()
    if (all.size === 0) return
    try {
      const asked = new Map([...all].map(([udn, { question }]) => [udn, question]))
      const answers = await this.act(asked, (udn) => all.get(udn)?.signal.aborted === false)
      for (const [udn, { answer, fail }] of all) {
        const given = answers.get(udn)
        if (given instanceof IotmcError) fail(given)
        else if (answers.has(udn)) answer(given as A)
        else fail(new IotmcError('DEVICE_UNKNOWN', { subject: udn }))
      }
    } catch (thrown) {
      for (const { fail } of all.values()) fail(asIotmcError(thrown))
    }
  }
}

/** Changes of configuration; the answer is the id of the job, or undefined where nothing is to be changed. */
export const gatheredConfigurations = (
  clock: Clock,
  desk: () => Pick<ConfigurationDesk, 'previewForWork' | 'apply'>,
): Gathered<Change, string | undefined> =>
  new Gathered(clock, async (asked, isWanted) => {
    const batches = new Map<string, Map<string, Values>>()
    for (const [udn, { values, batch }] of asked)
      batches.set(batch, (batches.get(batch) ?? new Map()).set(udn, values))
    const answers = new Map<string, string | undefined | IotmcError>()
    for (const [batch, devices] of batches)
      for (const [udn, answer] of await changeTogether(desk(), batch, devices, isWanted))
        answers.set(udn, answer)
    return answers
  })

interface Change {
  readonly values: Values
  /** Of the job that asks: its part is of the same. */
  readonly batch: string
}

const changeTogether = async (
  desk: Pick<ConfigurationDesk, 'previewForWork' | 'apply'>,
  batch: string,
  values: ReadonlyMap<string, Values>,
  isWanted: (udn: string) => boolean,
): Promise<Map<string, string | undefined | IotmcError>> => {
  const plan = await desk.previewForWork(values)
  // Asking the devices takes a while, in which a person may have cancelled.
  const ready = plan.rows.filter((row) => row.state === 'previewed' && !row.problem && isWanted(row.udn))
  const { rows } =
    ready.length > 0
      ? desk.apply(
          plan.id,
          ready.map(({ udn }) => udn),
          undefined,
          batch,
        )
      : plan
  return new Map(
    rows.map(({ udn, problem, state, error, jobId }) => {
      const code = problem ?? (state === 'failed' ? (error?.code ?? 'DEFECT') : undefined)
      return [
        udn,
        code
          ? new IotmcError(code, { subject: udn, ...(error?.detail ? { detail: error.detail } : {}) })
          : jobId,
      ]
    }),
  )
}

interface Image {
  readonly model: string
  readonly version: string
  readonly hardwareRevision: string | undefined
  readonly askedBy: string
}

/** A rollout without waves: it pauses by itself when every fifth device fails. */
const rolloutOf = (bundleId: string, udns: readonly string[]): RolloutPlan => ({
  bundleId,
  waves: [{ udns: [...udns] }],
  passPercent: 0,
  soakMinutes: 0,
  errorPercent: 20,
  minimumSample: 5,
  downloadAhead: false,
  confirm: 'device',
})

type Firmware = Pick<FirmwareDesk, 'bundles' | 'start' | 'standing'>

/** Updates, a rollout for each bundle. */
export const gatheredUpdates = (clock: Clock, desk: () => Firmware): Gathered<Image, true> =>
  new Gathered(clock, async (asked, isWanted) => {
    const { bundles } = await desk().bundles()
    const answers = new Map<string, true | IotmcError>()
    const byBundle = new Map<string, string[]>()
    for (const [udn, { version, askedBy: _, ...made }] of asked) {
      if (!isWanted(udn)) continue
      const id = bundleFor(bundles, version, made)?.id
      if (!id) answers.set(udn, new IotmcError('BUNDLE_UNKNOWN', { subject: udn, detail: version }))
      else if (updateStand(desk(), udn)?.ended === false)
        answers.set(udn, new IotmcError('BUSY', { subject: udn, detail: 'it is part of another rollout' }))
      else byBundle.set(id, [...(byBundle.get(id) ?? []), udn])
    }
    for (const [id, udns] of byBundle) {
      let answer: true | IotmcError = true
      try {
        const askedBy = Object.fromEntries(udns.map((udn) => [udn, asked.get(udn)?.askedBy ?? '']))
        desk().start(rolloutOf(id, udns), askedBy)
      } catch (thrown) {
        answer = asIotmcError(thrown)
      }
      for (const udn of udns) answers.set(udn, answer)
    }
    return answers
  })

const ENDED: ReadonlySet<BoardState> = new Set(['confirmed', 'rolledBack', 'failed', 'stopped'])

/** How the newest update of a device by a rollout stands. */
export const updateStand = (desk: Pick<FirmwareDesk, 'standing'>, udn: string): UpdateStand | undefined => {
  const row = desk.standing(udn)
  if (!row) return undefined
  const { state, jobId, error, paused, askedBy } = row
  const why = { rolledBack: 'ROLLED_BACK', stopped: 'ROLLOUT_STOPPED', failed: 'DEFECT' } as const
  const bad = state === 'rolledBack' || state === 'stopped' || state === 'failed'
  return {
    ended: ENDED.has(state),
    jobId,
    paused,
    askedBy,
    ...(bad ? { error: { code: error?.code ?? why[state], detail: error?.detail } } : {}),
  }
}
