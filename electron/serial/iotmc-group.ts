/** Group 64, this profile's own (docs/protocol.md §9): a device gets its identity, and its first network. */
import { z } from 'zod'
import { KEY_STORAGES } from '../contract/factory'
import { PHASES } from '../contract/phases'
import { IOTMC_COMMAND, SMP_GROUP, SMP_LIMITS } from '../contract/smp'
import { byteString, defineCommand, nothing, uint } from './command'

const phase = z.enum(PHASES)
const serialNumber = z.string().min(1).max(64)
const udn = z.string().regex(/^uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
const sha256 = byteString(32, 32)
const signature = byteString(8, 80)
const text = z.string().max(64)

/** Every command is safe to repeat: the same request gives the same answer. */
export const iotmcCommands = {
  info: defineCommand({
    name: 'info',
    group: SMP_GROUP.iotmc,
    id: IOTMC_COMMAND.info,
    op: 'read',
    request: nothing,
    answer: z.object({
      /** Of this group; 1. */
      version: uint,
      model: text.min(1),
      hardwareRevision: text,
      firmwareVersion: text,
      hardwareId: byteString(8, 32),
      keyStorage: z.enum(KEY_STORAGES),
      phase,
      locked: z.boolean(),
      hasKey: z.boolean(),
      serialNumber: serialNumber.optional(),
      udn: udn.optional(),
      /** SHA-256 of the leaf, DER. */
      certificate: sha256.optional(),
      /** How its last network came out (§4); absent before it is locked. */
      networkStatus: text.optional(),
    }),
  }),
  /** Refusals: wrongPhase, otherSubject, storage. */
  keygen: defineCommand({
    name: 'keygen',
    group: SMP_GROUP.iotmc,
    id: IOTMC_COMMAND.keygen,
    op: 'write',
    request: z.object({ curve: z.literal('P-256'), serialNumber, udn }),
    answer: z.object({ csr: byteString(64, 1024) }),
    timeoutMs: SMP_LIMITS.keygenTimeoutMs,
  }),
  /** One piece of the chain: `len` and `sha` at offset 0. `sha256` (of the leaf) comes with the last. */
  certificate: defineCommand({
    name: 'cert',
    group: SMP_GROUP.iotmc,
    id: IOTMC_COMMAND.certificate,
    op: 'write',
    request: z.object({
      off: uint,
      data: byteString(),
      len: z.number().int().min(1).max(SMP_LIMITS.chainMaxBytes).optional(),
      sha: sha256.optional(),
    }),
    answer: z.object({ off: uint, sha256: sha256.optional() }),
  }),
  lock: defineCommand({
    name: 'lock',
    group: SMP_GROUP.iotmc,
    id: IOTMC_COMMAND.lock,
    op: 'write',
    request: nothing,
    answer: z.object({ phase }),
  }),
  /** `anchor` is the certificate of the site's authority, DER. */
  network: defineCommand({
    name: 'network',
    group: SMP_GROUP.iotmc,
    id: IOTMC_COMMAND.network,
    op: 'write',
    request: z.object({
      ssid: z.string().max(32),
      credential: z.string().max(128),
      anchor: byteString(64, 4096),
    }),
    answer: z.object({ phase }),
  }),
  /** `proof` is absent from a device that was not locked yet. */
  wipe: defineCommand({
    name: 'wipe',
    group: SMP_GROUP.iotmc,
    id: IOTMC_COMMAND.wipe,
    op: 'write',
    request: z.object({ nonce: byteString(16, 64), sig: signature.optional() }),
    answer: z.object({ proof: signature.optional() }),
    timeoutMs: SMP_LIMITS.keygenTimeoutMs,
  }),
  readCertificate: defineCommand({
    name: 'read-cert',
    group: SMP_GROUP.iotmc,
    id: IOTMC_COMMAND.readCertificate,
    op: 'read',
    request: z.object({ off: uint }),
    answer: z.object({
      off: uint,
      len: z.number().int().min(0).max(SMP_LIMITS.chainMaxBytes),
      data: byteString(),
    }),
  }),
  /** Proves that the device holds the key of its certificate. */
  challenge: defineCommand({
    name: 'challenge',
    group: SMP_GROUP.iotmc,
    id: IOTMC_COMMAND.challenge,
    op: 'write',
    request: z.object({ nonce: byteString(16, 64) }),
    answer: z.object({ sig: signature }),
    timeoutMs: SMP_LIMITS.keygenTimeoutMs,
  }),
  /** Secret until the device is in operation. */
  label: defineCommand({
    name: 'label',
    group: SMP_GROUP.iotmc,
    id: IOTMC_COMMAND.label,
    op: 'read',
    request: nothing,
    answer: z.object({ udn, serialNumber, setupCode: z.string().regex(/^[0-9A-Z]{8}$/) }),
  }),
} as const
