/** Parameters and values of the played devices, by model. */
import type { Parameter, Values } from '../../../electron/contract/configuration'
import { type ModelName, parametersOf } from '../../../electron/device/models'

export type ParameterSample = Readonly<Record<string, { parameters: readonly Parameter[]; values: Values }>>

const PLAYED: readonly ModelName[] = ['PX-200', 'GC-10', 'AU-7']

export const sampleParameters = (): ParameterSample =>
  Object.fromEntries(
    PLAYED.map((model) => {
      const parameters = parametersOf(model)
      return [
        model,
        { parameters, values: Object.fromEntries(parameters.map((each) => [each.name, each.default])) },
      ]
    }),
  )
