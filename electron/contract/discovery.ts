/** What "why is my device missing" reports: counted facts of each interface, and who was refused and why. */
import { z } from 'zod'

export const networkInterfaceSchema = z.object({
  name: z.string(),
  addresses4: z.array(z.object({ address: z.string(), netmask: z.string(), prefix: z.number().int() })),
  addresses6LinkLocal: z.array(z.string()),
  scopeId: z.number().int().optional(),
  loopback: z.boolean(),
})
export type NetworkInterface = z.infer<typeof networkInterfaceSchema>

export const interfaceReportSchema = z.object({
  name: z.string(),
  family: z.enum(['IPv4', 'IPv6']),
  address: z.string(),
  listening: z.boolean(),
  /** Why it is not listening, in the operating system's word (EADDRINUSE, ENODEV, …). */
  problem: z.string().optional(),
  searchesSent: z.number().int(),
  sendErrors: z.number().int(),
  packetsHeard: z.number().int(),
  answersHeard: z.number().int(),
  notifiesHeard: z.number().int(),
  malformed: z.number().int(),
  lastHeardMs: z.number().optional(),
  receiveBufferBytes: z.number().int(),
  receiveBufferAsked: z.number().int(),
})
export type InterfaceReport = z.infer<typeof interfaceReportSchema>

export const REFUSALS = [
  'malformed-packet',
  'no-location',
  'bad-location',
  'off-subnet',
  'loopback-location',
  'redirect-other-host',
  'fetch-failed',
  'too-large',
  'not-xml',
  'udn-mismatch',
  'list-full',
] as const

export const refusedDeviceSchema = z.object({
  from: z.string(),
  interfaceName: z.string(),
  usn: z.string().optional(),
  location: z.string().optional(),
  reason: z.enum(REFUSALS),
  detail: z.string().optional(),
  count: z.number().int(),
  lastMs: z.number(),
})
export type RefusedDevice = z.infer<typeof refusedDeviceSchema>
export type Refusal = RefusedDevice['reason']

export const HINTS = [
  'no-interface',
  'nothing-heard',
  'only-own-packets',
  'port-1900-shared',
  'buffer-small',
  'packets-dropped',
  'firewall-linux',
  'firewall-windows',
  'firewall-macos',
  'devices-refused',
  'vpn-active',
  'all-fine',
] as const

export const missingReportSchema = z.object({
  takenAtMs: z.number(),
  interfaces: z.array(interfaceReportSchema),
  /** Interfaces that exist but are not chosen. */
  unused: z.array(networkInterfaceSchema),
  /** Datagrams the kernel dropped for full buffers since start (Linux /proc/net/snmp); undefined where it can't be read. */
  kernelDrops: z.number().int().optional(),
  devicesListed: z.number().int(),
  refused: z.array(refusedDeviceSchema),
  hints: z.array(z.enum(HINTS)),
})
export type MissingReport = z.infer<typeof missingReportSchema>
export type Hint = MissingReport['hints'][number]
