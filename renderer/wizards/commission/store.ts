/** The commission wizard's state: kept while the technician looks at other screens. */
import { create } from 'zustand'
import { asCallError, call } from '../../bridge'
import { type Check, type CommissionStep, goodOnes } from '../../model/commission'
import { commission } from '../../stores/jobs'
import { useSession } from '../../stores/session'
import { useSite } from '../../stores/site'
import { go } from '../../stores/view'

const FIRST: CommissionStep = { step: 'choose', chosen: [] }

export const useWizard = create<{ readonly at: CommissionStep }>(() => ({ at: FIRST }))

const to = (at: CommissionStep) => useWizard.setState({ at })
const now = () => useWizard.getState().at

/** How many identities are checked at once. */
const CHECKS_AT_ONCE = 6

/** Opens the wizard with some devices chosen. */
export const startCommission = (udns: readonly string[]): void => {
  to({ step: 'choose', chosen: udns })
  go('commission')
}

/** Opens the wizard on jobs that run already: it is a view of them. */
export const showJobs = (ids: readonly string[]): void => {
  to({ step: 'jobs', ids })
  go('commission')
}

export const restart = (): void => to(FIRST)
export const choose = (chosen: readonly string[]): void => to({ step: 'choose', chosen })

const put = (udn: string, check: Check) => {
  const at = now()
  if (at.step === 'verify') to({ ...at, checks: { ...at.checks, [udn]: check } })
}

const checkOne = async (udn: string) => {
  put(udn, { state: 'checking' })
  try {
    const check = await call('devices.verify', { udn })
    put(
      udn,
      check.trusted
        ? { state: 'good', check }
        : {
            state: 'bad',
            code: check.code ?? 'IDENTITY_NOT_TRUSTED',
            check,
            ...(check.detail ? { detail: check.detail } : {}),
          },
    )
  } catch (thrown) {
    const { code, detail } = asCallError(thrown)
    put(udn, { state: 'bad', code, ...(detail ? { detail } : {}) })
  }
}

const checkAll = async (udns: readonly string[]) => {
  const rest = [...udns]
  const worker = async () => {
    for (let udn = rest.shift(); udn !== undefined && now().step === 'verify'; udn = rest.shift())
      await checkOne(udn)
  }
  await Promise.all(Array.from({ length: CHECKS_AT_ONCE }, worker))
}

/** From choosing to verifying: each device is asked for its identity, some at a time. */
export const verify = (chosen: readonly string[]): void => {
  const [first] = chosen
  if (first === undefined) return
  const checks = Object.fromEntries(chosen.map((udn): [string, Check] => [udn, { state: 'checking' }]))
  to({ step: 'verify', chosen, checks, current: first })
  void checkAll(chosen)
}

export const checkAgain = (udns: readonly string[]): void => void checkAll(udns)

export const look = (current: string): void => {
  const at = now()
  if (at.step === 'verify') to({ ...at, current })
}

/** From verifying to the group; the devices that are not genuine stay behind. */
export const chooseGroup = (): void => {
  const at = now()
  if (at.step !== 'verify') return
  const { groups } = useSite.getState()
  const wanted = useSession.getState().settings?.policy.defaultGroup
  const group = groups.find((one) => one.name === wanted)?.name ?? groups[0]?.name ?? ''
  to({ step: 'group', chosen: at.chosen, checks: at.checks, good: goodOnes(at.chosen, at.checks), group })
}

export const setGroup = (group: string): void => {
  const at = now()
  if (at.step === 'group') to({ ...at, group })
}

export const backToVerify = (): void => {
  const at = now()
  if (at.step === 'group')
    to({ step: 'verify', chosen: at.chosen, checks: at.checks, current: at.chosen[0] ?? '' })
}

/** Starts the jobs; from here on the wizard only shows them. Throws CallError. */
export const startJobs = async (): Promise<void> => {
  const at = now()
  if (at.step === 'group') to({ step: 'jobs', ids: await commission(at.good, at.group) })
}
