/** Serial ports of this laptop, as a person tells them apart. */
import { z } from 'zod'

export const serialPortSchema = z.object({
  /** What to open: `/dev/ttyUSB0`, `COM3`. */
  path: z.string(),
  manufacturer: z.string().optional(),
  /** Four hex digits, lower case. */
  vendorId: z.string().optional(),
  productId: z.string().optional(),
  serialNumber: z.string().optional(),
})
export type SerialPortInfo = z.infer<typeof serialPortSchema>

/** Why ports could not be listed in full. A port typed by its path can be opened all the same. */
export const SERIAL_PROBLEMS = ['no-udevadm', 'no-driver', 'list-failed'] as const

export const serialPortListSchema = z.object({
  /** USB ports first, each part by path. */
  ports: z.array(serialPortSchema),
  problem: z.enum(SERIAL_PROBLEMS).optional(),
  /** The problem in one English sentence, for the terminal. */
  reason: z.string().optional(),
})
export type SerialPortList = z.infer<typeof serialPortListSchema>
