/** Group 0, the device itself, and group 10, which groups it has. */
import { z } from 'zod'
import { ENUMERATION_COMMAND, OS_COMMAND, SMP_GROUP } from '../contract/smp'
import { defineCommand, nothing, uint } from './command'

export const osCommands = {
  echo: defineCommand({
    name: 'echo',
    group: SMP_GROUP.os,
    id: OS_COMMAND.echo,
    op: 'write',
    request: z.object({ d: z.string().max(4096) }),
    answer: z.object({ r: z.string() }),
  }),
  /** Answered first, then carried out. */
  reset: defineCommand({
    name: 'reset',
    group: SMP_GROUP.os,
    id: OS_COMMAND.reset,
    op: 'write',
    request: z.object({ force: uint.optional() }),
    answer: nothing,
  }),
  /** Size and number of the device's packet buffers. */
  params: defineCommand({
    name: 'params',
    group: SMP_GROUP.os,
    id: OS_COMMAND.params,
    op: 'read',
    request: nothing,
    answer: z.object({ buf_size: uint, buf_count: uint }),
  }),
  info: defineCommand({
    name: 'system info',
    group: SMP_GROUP.os,
    id: OS_COMMAND.info,
    op: 'read',
    request: z.object({ format: z.string().max(32).optional() }),
    answer: z.object({ output: z.string().max(1024) }),
  }),
  bootloader: defineCommand({
    name: 'bootloader info',
    group: SMP_GROUP.os,
    id: OS_COMMAND.bootloader,
    op: 'read',
    request: z.object({ query: z.string().max(32).optional() }),
    answer: z.object({
      bootloader: z.string().max(64).optional(),
      mode: z.number().int().optional(),
      'no-downgrade': z.boolean().optional(),
    }),
  }),
} as const

export const enumerationCommands = {
  count: defineCommand({
    name: 'count of groups',
    group: SMP_GROUP.enumeration,
    id: ENUMERATION_COMMAND.count,
    op: 'read',
    request: nothing,
    answer: z.object({ count: uint }),
  }),
  list: defineCommand({
    name: 'list of groups',
    group: SMP_GROUP.enumeration,
    id: ENUMERATION_COMMAND.list,
    op: 'read',
    request: nothing,
    answer: z.object({ groups: z.array(z.number().int().min(0).max(65_535)).max(256) }),
  }),
} as const
