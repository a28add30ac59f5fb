/** Binds Enrollment:1 to the hosted controller device: arguments in, answers out. */
import { IotmcError } from '../contract/errors'
import type { ActionHandler } from '../upnp/endpoint'
import type { Caller, EnrollmentService } from './service'

type Context = Parameters<ActionHandler>[1]

const callerOf = (ctx: Context): Caller => {
  if (!ctx.peer) throw new IotmcError('AUTHENTICATION_FAILED')
  return { chainDer: ctx.peer.chainDer }
}

const text = (args: Readonly<Record<string, string>>, name: string): string => args[name] ?? ''

/** Action name → handler; arguments have been checked against the SCPD before. */
export const enrollmentActions = (service: EnrollmentService): Readonly<Record<string, ActionHandler>> => ({
  Enroll: async (args, ctx) => {
    const answer = await service.enroll(
      {
        udn: text(args, 'DeviceUDN'),
        model: text(args, 'Model'),
        hardwareRevision: text(args, 'HardwareRevision'),
        firmwareVersion: text(args, 'FirmwareVersion'),
        certificateRequest: text(args, 'CertificateRequest'),
      },
      callerOf(ctx),
    )
    const { enrollmentId, status, retryAfterS } = answer
    return { EnrollmentId: enrollmentId, Status: status, RetryAfter: String(retryAfterS) }
  },
  GetEnrollmentResult: async (args, ctx) => {
    const result = await service.result(text(args, 'EnrollmentId'), callerOf(ctx))
    return {
      CertificateChain: result.chainPem,
      ManagementGroup: result.group,
      ConfigurationVersion: String(result.configurationVersion),
    }
  },
  ConfirmEnrollment: (args, ctx) => {
    const version = Number(text(args, 'ConfigurationVersion'))
    return { Accepted: service.confirm(text(args, 'EnrollmentId'), version, callerOf(ctx)) ? '1' : '0' }
  },
  RenewCertificate: async (args, ctx) => {
    const { chainPem } = await service.renew(text(args, 'CertificateRequest'), callerOf(ctx))
    return { CertificateChain: chainPem }
  },
})
