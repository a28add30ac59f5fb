/** Group 1: firmware images in their slots, as MCUboot and the servers in front of it have them. */
import { z } from 'zod'
import { IMAGE_COMMAND, SMP_GROUP, SMP_LIMITS } from '../contract/smp'
import { byteString, defineCommand, nothing, uint } from './command'

const imageSchema = z.object({
  image: uint.optional(),
  slot: uint,
  version: z.string().max(64),
  /** Of the image's signed part, not of its file. */
  hash: byteString(16, 64).optional(),
  bootable: z.boolean().optional(),
  pending: z.boolean().optional(),
  confirmed: z.boolean().optional(),
  active: z.boolean().optional(),
  permanent: z.boolean().optional(),
})

const stateAnswer = z.object({
  images: z.array(imageSchema).max(16),
  splitStatus: z.number().int().optional(),
})

export const imageCommands = {
  state: defineCommand({
    name: 'image state',
    group: SMP_GROUP.image,
    id: IMAGE_COMMAND.state,
    op: 'read',
    request: nothing,
    answer: stateAnswer,
  }),
  /** With a hash: run that image at the next start, once or (confirm) for good. Without: keep the running one. */
  setState: defineCommand({
    name: 'set image state',
    group: SMP_GROUP.image,
    id: IMAGE_COMMAND.state,
    op: 'write',
    request: z.object({ hash: byteString(16, 64).optional(), confirm: z.boolean().optional() }),
    answer: stateAnswer,
  }),
  /** Use `uploadImage`. `sha` is that of the whole file. */
  upload: defineCommand({
    name: 'image upload',
    group: SMP_GROUP.image,
    id: IMAGE_COMMAND.upload,
    op: 'write',
    request: z.object({
      image: uint.optional(),
      len: uint.optional(),
      off: uint,
      sha: byteString(32, 32).optional(),
      data: byteString(),
      upgrade: z.boolean().optional(),
    }),
    answer: z.object({ off: uint, match: z.boolean().optional() }),
  }),
  erase: defineCommand({
    name: 'image erase',
    group: SMP_GROUP.image,
    id: IMAGE_COMMAND.erase,
    op: 'write',
    request: z.object({ slot: uint.optional() }),
    answer: nothing,
    timeoutMs: SMP_LIMITS.slowTimeoutMs,
  }),
  slots: defineCommand({
    name: 'image slots',
    group: SMP_GROUP.image,
    id: IMAGE_COMMAND.slots,
    op: 'read',
    request: nothing,
    answer: z.object({
      images: z
        .array(
          z.object({
            image: uint,
            slots: z
              .array(z.object({ slot: uint, size: uint.optional(), upload_image_id: uint.optional() }))
              .max(16),
            max_image_size: uint.optional(),
          }),
        )
        .max(16),
    }),
  }),
} as const
