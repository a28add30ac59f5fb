import { labelOf } from '../../model/device-facts'
import { type Target, targetUdn } from '../../model/provision'
import { useDevices } from '../../stores/devices'

/** What people call the device: as the list names it, else its serial number, else the port it is at. */
export const useTargetName = (target: Target): string => {
  const udn = targetUdn(target)
  const device = useDevices((list) => list.byUdn.get(udn ?? ''))
  if (device || target.via === 'network') return labelOf(device, udn)
  return (target.look.state === 'found' && target.look.device.serialNumber) || target.path
}
