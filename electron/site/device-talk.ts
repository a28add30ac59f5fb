/** Single questions and orders to single devices, for the window and the terminal. */
import { IotmcError } from '../contract/errors'
import type { IdentityCheck } from '../contract/identity'
import { SERVICE_NAMES, type ServiceName } from '../contract/names'
import type { DeviceLink } from '../jobs/device-link'

export class DeviceTalk {
  /** `checked` hears how each check of an identity has ended. */
  constructor(
    private readonly link: DeviceLink,
    private readonly deadline: () => AbortSignal,
    private readonly checked: (udn: string, trusted: boolean) => void,
  ) {}

  async identify(udn: string, seconds: number): Promise<void> {
    await this.call(udn, 'Lifecycle.Identify', { Seconds: String(seconds) })
  }

  async verify(udn: string): Promise<IdentityCheck> {
    const check = await this.link.verify(udn, this.deadline())
    this.checked(udn, check.trusted)
    return check
  }

  /** `action` is `Service.Action`. Errors: INVALID_ACTION, those of the device. */
  call(
    udn: string,
    action: string,
    args: Readonly<Record<string, string>>,
  ): Promise<Readonly<Record<string, string>>> {
    const [service, name] = action.split('.')
    if (!isService(service) || !name)
      throw new IotmcError('INVALID_ACTION', { subject: action, detail: 'Service.Action is expected' })
    return this.link.call(udn, service, name, args, this.deadline())
  }
}

const isService = (name: string | undefined): name is ServiceName =>
  SERVICE_NAMES.some((entry) => entry === name)
