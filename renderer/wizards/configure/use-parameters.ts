import { useEffect, useMemo, useState } from 'react'
import type { Parameter } from '../../../electron/contract/configuration'
import type { Device } from '../../../electron/contract/device'
import { asCallError, type CallError } from '../../bridge'
import { readDevice } from '../../stores/configuration'

interface Known {
  readonly byModel: ReadonlyMap<string, readonly Parameter[]>
  /** False while a device is being asked. */
  readonly asked: boolean
  readonly error: CallError | undefined
}

const NOTHING: Known = { byModel: new Map(), asked: false, error: undefined }
/** Devices of one model that are tried one after the other until one answers. */
const TRIES = 3

const firstAnswer = async (udns: readonly string[]): Promise<readonly Parameter[]> => {
  let last: unknown
  for (const udn of udns.slice(0, TRIES)) {
    try {
      return (await readDevice(udn)).parameters
    } catch (thrown) {
      last = thrown
    }
  }
  throw last
}

/** What each of the chosen models can be told, asked of one device of each. */
export const useParameters = (devices: readonly Device[]): Known => {
  const [known, setKnown] = useState<Known>(NOTHING)
  const models = useMemo(() => {
    const found = new Map<string, string[]>()
    for (const { udn, model = '', online } of devices)
      if (online) found.set(model, [...(found.get(model) ?? []), udn])
    return found
  }, [devices])
  // Devices come and go ten times a second; only another set of models is a new question.
  const question = [...models.keys()].sort().join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked anew when the models have changed, not with each change of a device
  useEffect(() => {
    let over = false
    setKnown(NOTHING)
    const ask = async () => {
      const byModel = new Map<string, readonly Parameter[]>()
      let error: CallError | undefined
      await Promise.all(
        [...models].map(async ([model, udns]) => {
          try {
            byModel.set(model, await firstAnswer(udns))
          } catch (thrown) {
            error = asCallError(thrown)
          }
        }),
      )
      if (!over) setKnown({ byModel, asked: true, error: byModel.size === 0 ? error : undefined })
    }
    void ask()
    return () => {
      over = true
    }
  }, [question])
  return known
}
