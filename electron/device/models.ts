/** The models that the reference device can play, each with its parameters (docs/protocol.md §6). */
import type { Parameter } from '../contract/configuration'
import { HEALTH_TIMINGS } from '../contract/timings'

type Access = Parameter['access']

const number = (name: string, unit: string, min: number, max: number, value: string): Parameter => ({
  name,
  type: 'number',
  access: 'readWrite',
  unit,
  min,
  max,
  default: value,
})
const integer = (name: string, unit: string, min: number, max: number, value: string): Parameter => ({
  ...number(name, unit, min, max, value),
  type: 'integer',
})
const flag = (name: string, value: boolean): Parameter => ({
  name,
  type: 'boolean',
  access: 'readWrite',
  default: String(value),
})
const choice = (name: string, allowed: string[]): Parameter => ({
  name,
  type: 'string',
  access: 'readWrite',
  allowed,
  default: allowed[0] ?? '',
})
const text = (name: string, maxLength: number, value: string, access: Access = 'readWrite'): Parameter => ({
  name,
  type: 'string',
  access,
  maxLength,
  default: value,
})
const measured = (name: string, unit: string, value: string): Parameter => ({
  name,
  type: 'number',
  access: 'readOnly',
  unit,
  default: value,
})

/** Every model has these, so that one group can hold several models. */
const COMMON: readonly Parameter[] = [
  text('Device.Location', 63, ''),
  choice('Device.StatusLight', ['on', 'dimmed', 'off']),
  integer('Report.IntervalSeconds', 's', 5, 86_400, String(HEALTH_TIMINGS.intervalS)),
  choice('Log.MinSeverity', ['notice', 'debug', 'info', 'warning', 'error']),
  text('Clock.TimeZone', 48, 'UTC'),
  text('Hardware.BoardRevision', 16, 'C2', 'readOnly'),
]

const PUMP: readonly Parameter[] = [
  number('Pump.TargetPressure', 'bar', 0.5, 10, '3.5'),
  number('Pump.MaxFlow', 'm3/h', 0.1, 60, '24'),
  integer('Pump.MinSpeed', 'rpm', 300, 1500, '600'),
  integer('Pump.MaxSpeed', 'rpm', 1500, 3600, '2900'),
  integer('Pump.RampSeconds', 's', 1, 120, '8'),
  flag('Pump.DryRunProtection', true),
  choice('Pump.Mode', ['constant-pressure', 'constant-flow', 'constant-speed']),
  measured('Pump.OperatingHours', 'h', '0'),
]

const GATE: readonly Parameter[] = [
  integer('Gate.OpenSeconds', 's', 2, 90, '14'),
  integer('Gate.AutoCloseSeconds', 's', 0, 600, '30'),
  integer('Gate.ForceLimit', 'N', 50, 400, '150'),
  number('Gate.SlowZone', 'm', 0, 2, '0.4'),
  flag('Gate.PhotocellRequired', true),
  flag('Gate.WarningLight', true),
  choice('Gate.OnPowerLoss', ['hold', 'open', 'close']),
  measured('Gate.Cycles', '', '0'),
]

const AIR: readonly Parameter[] = [
  number('Air.SetPoint', '°C', 5, 35, '21.5'),
  number('Air.DeadBand', 'K', 0.2, 5, '0.5'),
  integer('Air.FanSpeed', '%', 0, 100, '60'),
  integer('Air.NightFanSpeed', '%', 0, 100, '20'),
  integer('Air.CarbonDioxideLimit', 'ppm', 400, 5000, '1000'),
  integer('Air.FilterHours', 'h', 100, 10_000, '4000'),
  choice('Air.Mode', ['auto', 'heat', 'cool', 'vent', 'off']),
  measured('Air.FilterHoursLeft', 'h', '4000'),
]

const METER: readonly Parameter[] = [
  integer('Meter.CurrentRatio', 'A', 1, 6000, '100'),
  integer('Meter.VoltageRatio', 'V', 100, 36_000, '400'),
  choice('Meter.Wiring', ['3P4W', '3P3W', '1P2W']),
  integer('Meter.DemandMinutes', 'min', 1, 60, '15'),
  number('Meter.PowerAlarm', 'kW', 0, 5000, '63'),
  flag('Meter.PulseOutput', false),
  integer('Meter.PulsesPerKilowattHour', '', 1, 10_000, '1000'),
  measured('Meter.EnergyTotal', 'kWh', '0'),
]

export const MODELS = {
  'PX-200': { title: 'Pump controller', parameters: [...COMMON, ...PUMP] },
  'GC-10': { title: 'Gate controller', parameters: [...COMMON, ...GATE] },
  'AU-7': { title: 'Air unit', parameters: [...COMMON, ...AIR] },
  'EM-3': { title: 'Energy meter', parameters: [...COMMON, ...METER] },
} as const satisfies Record<string, { title: string; parameters: readonly Parameter[] }>

export type ModelName = keyof typeof MODELS
export const MODEL_NAMES = Object.keys(MODELS) as readonly string[] as readonly [ModelName, ...ModelName[]]

/** Whether a text names a model. */
export const isModelName = (text: string): text is ModelName => Object.hasOwn(MODELS, text)

/** The parameters of a model, in their fixed order. */
export const parametersOf = (model: ModelName): readonly Parameter[] => MODELS[model].parameters
