/**
 * Blank devices at the far ends of ptys, in a process of their own. Each is in memory only, so that what is measured is the
 * station; `reset` puts a new board in its place. Prints `ready` when all ports are open, and goes on until it is killed.
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { createRequest } from '../../../electron/identity/request'
import { delay, systemClock } from '../../../electron/net/clock'
import { iotmcCommands } from '../../../electron/serial/iotmc-group'
import { openLink } from '../../../electron/serial/link'
import { osCommands } from '../../../electron/serial/os-group'
import { SmpServer, serve } from '../../../electron/serial/smp-server'

interface Board {
  readonly hardwareId: Buffer
  keyPem?: string
  csr?: Buffer
  serialNumber?: string
  udn?: string
  chain: Buffer
  expected: number
  locked: boolean
}

const newBoard = (): Board => ({
  hardwareId: randomBytes(16),
  chain: Buffer.alloc(0),
  expected: 0,
  locked: false,
})

const PART_BYTES = 1536

/** The first certificate in concatenated DER: its own length is in its first four bytes. */
const leafOf = (chain: Buffer): Buffer => chain.subarray(0, 4 + chain.readUInt16BE(2))
const sha256 = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()

const handlersOf = (model: string, keygenMs: number) => {
  let board = newBoard()
  const phase = () => (board.locked ? ('provisioning' as const) : ('manufacturing' as const))
  const complete = () => board.expected > 0 && board.chain.length === board.expected
  return new Map([
    serve(iotmcCommands.info, async () => ({
      version: 1,
      model,
      hardwareRevision: 'C2',
      firmwareVersion: '1.0.0',
      hardwareId: board.hardwareId,
      keyStorage: 'secure-element' as const,
      phase: phase(),
      locked: board.locked,
      hasKey: board.keyPem !== undefined,
      ...(board.serialNumber ? { serialNumber: board.serialNumber } : {}),
      ...(board.udn ? { udn: board.udn } : {}),
      ...(complete() ? { certificate: sha256(leafOf(board.chain)) } : {}),
    })),
    serve(iotmcCommands.keygen, async ({ serialNumber, udn }) => {
      if (!board.csr) {
        if (keygenMs > 0) await delay(systemClock, keygenMs)
        const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
        const keyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
        const pem = await createRequest({ keyPem, udn, serialNumber, model })
        const csr = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64')
        Object.assign(board, { keyPem, csr, serialNumber, udn })
      }
      return { csr: board.csr ?? Buffer.alloc(0) }
    }),
    serve(iotmcCommands.certificate, async ({ off, data, len }) => {
      if (off === 0) board.chain = Buffer.alloc(0)
      if (len !== undefined) board.expected = len
      if (off === board.chain.length) board.chain = Buffer.concat([board.chain, data])
      return {
        off: board.chain.length,
        ...(complete() ? { sha256: sha256(leafOf(board.chain)) } : {}),
      }
    }),
    serve(iotmcCommands.readCertificate, async ({ off }) => ({
      off,
      len: board.chain.length,
      data: board.chain.subarray(off, off + PART_BYTES),
    })),
    serve(iotmcCommands.challenge, async ({ nonce }) => {
      const text = Buffer.concat([Buffer.from('iotmc-challenge\0'), nonce, Buffer.from(board.udn ?? '')])
      return { sig: sign('sha256', text, board.keyPem ?? '') }
    }),
    serve(iotmcCommands.lock, async () => {
      board.locked = true
      return { phase: phase() }
    }),
    serve(iotmcCommands.label, async () => ({
      udn: board.udn ?? '',
      serialNumber: board.serialNumber ?? '',
      setupCode: 'ABCD2345',
    })),
    serve(osCommands.reset, async () => {
      board = newBoard()
      return {}
    }),
  ])
}

const { ports, model, keygenMs } = JSON.parse(process.env.IOTMC_BENCH_INPUT ?? '{}') as {
  ports: readonly string[]
  model: string
  keygenMs: number
}
for (const path of ports) {
  const link = await openLink(path)
  new SmpServer({
    link,
    framing: 'console',
    bufferBytes: 2048,
    bufferCount: 4,
    handlers: handlersOf(model, keygenMs),
  }).start()
}
process.stdout.write('ready\n')
await new Promise(() => undefined)
