/** What every file of configurations is held to, whatever its form: bounded, named once, in known words. */
import { parameterSchema, type Values } from '../contract/configuration'
import { udnSchema } from '../contract/device'
import { IotmcError } from '../contract/errors'
import { CONFIGURE_LIMITS } from '../contract/timings'

/** One device in a file. Model and serial number are for people, and against the mixing up of devices. */
export interface FileDevice {
  readonly udn: string
  readonly model: string
  readonly serial: string
  readonly values: Values
}

const VALUE_MAX = 1024
const FACT_MAX = 128

/** An error at a place of the file: `line 3`, `device 2`. */
export const invalid = (where: string, why: string, cause?: unknown): IotmcError =>
  new IotmcError('FILE_INVALID', { detail: `${where}: ${why}`, ...(cause ? { cause } : {}) })

/** What was read, shortened so that it can stand in a sentence. */
export const shown = (text: string): string =>
  JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)

/** Gathers devices. Errors: FILE_INVALID where a device, name or value is not allowed or stands there twice. */
export class FileRules {
  private readonly seen = new Set<string>()
  readonly devices: FileDevice[] = []

  /** Errors: FILE_INVALID. */
  name(where: string, name: string): void {
    if (!parameterSchema.shape.name.safeParse(name).success)
      throw invalid(where, `${shown(name)} is no name of a parameter`)
  }

  add(
    where: string,
    device: Omit<FileDevice, 'values'>,
    values: readonly (readonly [string, string])[],
  ): void {
    const { udn, model, serial } = device
    if (!udnSchema.safeParse(udn).success) throw invalid(where, `${shown(udn)} is no UDN`)
    if (this.seen.has(udn)) throw invalid(where, `${udn} stands there twice`)
    if (model.length > FACT_MAX || serial.length > FACT_MAX)
      throw invalid(where, 'model or serial is too long')
    if (values.length > CONFIGURE_LIMITS.parametersMax) throw invalid(where, 'too many parameters')
    for (const [name, value] of values)
      if (value.length > VALUE_MAX) throw invalid(where, `the value of ${name} is too long`)
    if (this.devices.length >= CONFIGURE_LIMITS.devicesMax)
      throw invalid(where, `more than ${CONFIGURE_LIMITS.devicesMax} devices`)
    this.seen.add(udn)
    this.devices.push({ udn, model, serial, values: Object.fromEntries(values) })
  }
}
