/** Which device a job is about, whatever its subject is. Pure. */
import type { Device } from '../../electron/contract/device'
import type { Job } from '../../electron/contract/job'

/** UDN of a job's device, undefined while only its serial number or its port is known. */
export const udnOf = (job: Pick<Job, 'subject' | 'params'>): string | undefined =>
  job.subject.startsWith('uuid:') ? job.subject : job.params.udn

/** Whether a job was about this device. Its making in the factory is found by its serial number. */
export const concerns = (job: Job, device: Device): boolean =>
  udnOf(job) === device.udn || (job.kind === 'inject' && job.subject === device.serialNumber)

/** Whether a job reaches its device over a cable rather than a network. */
export const isOverCable = (job: Job): boolean =>
  job.kind === 'inject' ||
  job.kind === 'update-serial' ||
  (job.kind === 'provision' && !job.subject.startsWith('uuid:'))
