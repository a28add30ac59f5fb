/** The device side of the enrolment benchmark, in a process of its own: prints the seconds it took. */
import { readFileSync } from 'node:fs'
import { serviceType } from '../../../electron/contract/names'
import { generateKeyPem } from '../../../electron/identity/keys'
import { derBlocks } from '../../../electron/identity/pem'
import { createRequest } from '../../../electron/identity/request'
import { HttpsClient } from '../../../electron/net/https-client'
import { SoapClient } from '../../../electron/upnp/soap-client'

interface Input {
  readonly url: string
  readonly anchorPem: string
  readonly parallel: number
  readonly identities: readonly {
    udn: string
    serialNumber: string
    model: string
    keyPem: string
    chainPem: string
  }[]
}

const input = JSON.parse(readFileSync(process.env.IOTMC_BENCH_INPUT ?? '', 'utf8')) as Input
const service = {
  serviceType: serviceType('Enrollment'),
  controlUrl: new URL('/control/Enrollment', input.url).href,
  name: 'Enrollment' as const,
}

const enroll = async (identity: Input['identities'][number]): Promise<void> => {
  const { udn, serialNumber, model, keyPem, chainPem } = identity
  const client = new HttpsClient({
    identity: { keyPem, chainPem },
    cas: [input.anchorPem],
    judgePeer: () => ({ ok: true }),
  })
  try {
    const soap = new SoapClient({ client })
    const pem = await createRequest({ keyPem: generateKeyPem(), udn, serialNumber, model })
    const answer = await soap.call(service, 'Enroll', {
      DeviceUDN: udn,
      Model: model,
      HardwareRevision: 'A',
      FirmwareVersion: '1.0.0',
      CertificateRequest: derBlocks(pem, 'CERTIFICATE REQUEST')[0]?.toString('base64') ?? '',
    })
    if (answer.Status !== 'Approved') throw new Error(`${udn} is ${answer.Status}`)
    const EnrollmentId = answer.EnrollmentId ?? ''
    const result = await soap.call(service, 'GetEnrollmentResult', { EnrollmentId })
    const ConfigurationVersion = result.ConfigurationVersion ?? ''
    const confirmed = await soap.call(service, 'ConfirmEnrollment', { EnrollmentId, ConfigurationVersion })
    if (confirmed.Accepted !== '1') throw new Error(`${udn} is not confirmed`)
  } finally {
    await client.close()
  }
}

const left = [...input.identities]
const lane = async (): Promise<void> => {
  for (let next = left.pop(); next; next = left.pop()) await enroll(next)
}

const beganAt = performance.now()
await Promise.all(Array.from({ length: input.parallel }, lane))
process.stdout.write(String((performance.now() - beganAt) / 1000))
