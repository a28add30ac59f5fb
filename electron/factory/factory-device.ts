/** What a factory asks of a device at the end of its cable: group 64 as one method a command (docs/protocol.md §9). */
import { createHash, createPublicKey, verify } from 'node:crypto'
import type { z } from 'zod'
import { IotmcError } from '../contract/errors'
import type { LabelFacts } from '../contract/label'
import { SMP_LIMITS, SMP_RC } from '../contract/smp'
import { splitAsn1 } from '../identity/asn1'
import { derBlocks, toX509 } from '../identity/pem'
import { type Clock, delay, type Random, systemClock, systemRandom } from '../net/clock'
import type { Command } from '../serial/command'
import { iotmcCommands } from '../serial/iotmc-group'
import { type RequestOptions, refusalOf, type SmpSession } from '../serial/smp-session'

/** A device's own word on what it is and how far it has come. */
export type DeviceInfo = z.output<typeof iotmcCommands.info.answer>

/** How far a transfer is, in bytes. */
export type OnBytes = (done: number, total: number) => void

/** A key in a secure element takes seconds, and a small device answers nothing else meanwhile. */
const SLOW = { timeoutMs: SMP_LIMITS.keygenTimeoutMs / 6, retries: 5 } as const
const KEYGEN_TRIES = 3
const NONCE_BYTES = 32
const SYSTEM = { clock: systemClock, random: systemRandom }
/** What a device says that has its hands full for a moment; every command is safe to repeat. */
const FOR_A_MOMENT: readonly number[] = [SMP_RC.noMemory, SMP_RC.busy]
const PATIENCE = { pauseMs: 300, tries: 4 } as const

/** Typed commands over one session; each is safe to repeat. Errors: those of the session, and what each method names. */
export class FactoryDevice {
  /** Of the board that was asked last who it is: a port outlives the boards that are put in there. */
  private hardwareId: Buffer | undefined

  constructor(
    readonly session: SmpSession,
    private readonly tools: { readonly clock: Clock; readonly random: Random } = SYSTEM,
  ) {}

  async info(signal?: AbortSignal): Promise<DeviceInfo> {
    const info = await this.ask(iotmcCommands.info, {}, { signal })
    this.hardwareId = Buffer.from(info.hardwareId)
    return info
  }

  /**
   * Makes the key inside the device, or finds it; its PKCS#10 request, DER. Not simply sent again when no answer comes: a
   * board that was swapped behind its adapter would make a key for another's number. Errors: OTHER_DEVICE.
   */
  async keygen(
    { serialNumber, udn }: { readonly serialNumber: string; readonly udn: string },
    signal?: AbortSignal,
  ): Promise<Buffer> {
    const request = { curve: 'P-256' as const, serialNumber, udn }
    for (let left = KEYGEN_TRIES - 1; ; left -= 1) {
      try {
        const once = { signal, timeoutMs: SLOW.timeoutMs, retries: 0 }
        const { csr } = await this.ask(iotmcCommands.keygen, request, once)
        return Buffer.from(csr)
      } catch (thrown) {
        const unanswered = thrown instanceof IotmcError && thrown.code === 'TIMED_OUT'
        if (!unanswered || left <= 0) throw thrown
        await this.requireSameBoard(signal)
      }
    }
  }

  private async requireSameBoard(signal?: AbortSignal): Promise<void> {
    const { hardwareId } = await this.ask(iotmcCommands.info, {}, { signal, ...SLOW })
    if (this.hardwareId && !this.hardwareId.equals(hardwareId))
      throw new IotmcError('OTHER_DEVICE', { detail: 'the board was swapped while it made its key' })
  }

  /**
   * Sends a chain (leaf first, without the root) from where the device has it already; SHA-256 of the leaf as the device
   * has it then. Errors: READ_BACK_DIFFERS, BAD_ANSWER.
   */
  async install(chainPem: string, signal?: AbortSignal, onBytes?: OnBytes): Promise<Buffer> {
    const ders = derBlocks(chainPem, 'CERTIFICATE')
    const all = Buffer.concat(ders)
    const leafSha = sha256(ders[0] ?? Buffer.alloc(0))
    const whole = { len: all.length, sha: sha256(all) }
    const chunkBytes = Math.max(1, this.session.roomFor({ off: all.length, ...whole }))
    // Every chunk once, and as much again for a device that loses its place; then it is going in circles.
    let left = 4 + 2 * Math.ceil(all.length / chunkBytes)
    for (let off = 0; left > 0; left -= 1) {
      const data = all.subarray(off, off + chunkBytes)
      const first = off === 0 ? { len: all.length, sha: sha256(all) } : {}
      const answer = await this.ask(iotmcCommands.certificate, { off, data, ...first }, { signal })
      if (answer.sha256 !== undefined) {
        onBytes?.(all.length, all.length)
        return sameLeaf(Buffer.from(answer.sha256), leafSha)
      }
      if (answer.off > all.length)
        throw new IotmcError('BAD_ANSWER', { detail: `asks for byte ${answer.off} of ${all.length}` })
      off = answer.off
      onBytes?.(off, all.length)
    }
    throw new IotmcError('BAD_ANSWER', { detail: 'the certificate was sent twice and is not complete' })
  }

  /** The installed chain as the device gives it, DER, leaf first. Errors: BAD_ANSWER. */
  async readChain(signal?: AbortSignal, onBytes?: OnBytes): Promise<Buffer[]> {
    const parts: Buffer[] = []
    let off = 0
    let total: number | undefined
    do {
      const answer = await this.ask(iotmcCommands.readCertificate, { off }, { signal })
      total ??= answer.len
      if (answer.off !== off || answer.len !== total)
        throw new IotmcError('BAD_ANSWER', {
          detail: `byte ${answer.off} of ${answer.len}, not ${off} of ${total}`,
        })
      const data = Buffer.from(answer.data)
      // Without this, a device that gives nothing would be asked for ever.
      if (off + data.length > total || (data.length === 0 && off < total))
        throw new IotmcError('BAD_ANSWER', { detail: `${data.length} bytes at ${off} of ${total}` })
      parts.push(data)
      off += data.length
      onBytes?.(off, total)
    } while (off < total)
    return splitAsn1(Buffer.concat(parts), 'BAD_ANSWER')
  }

  /** Has the device sign a new nonce with the key of this certificate. Errors: SELF_TEST_FAILED. */
  async challenge(leafDer: Buffer, udn: string, signal?: AbortSignal): Promise<void> {
    const nonce = this.tools.random.bytes(NONCE_BYTES)
    const { sig } = await this.ask(iotmcCommands.challenge, { nonce }, { signal, ...SLOW })
    const said = Buffer.concat([Buffer.from('iotmc-challenge\0'), nonce, Buffer.from(udn)])
    const key = createPublicKey(toX509(leafDer).publicKey.export({ type: 'spki', format: 'pem' }))
    if (!verify('sha256', said, key, sig))
      throw new IotmcError('SELF_TEST_FAILED', {
        detail: 'the signature is not by the key of the certificate',
      })
  }

  /** Ends manufacturing: from here on the identity stays. */
  async lock(signal?: AbortSignal): Promise<void> {
    await this.ask(iotmcCommands.lock, {}, { signal })
  }

  /** What is to be printed on the label; secret. */
  label(signal?: AbortSignal): Promise<LabelFacts> {
    return this.ask(iotmcCommands.label, {}, { signal })
  }

  /** Network and site anchor; the phase that the device is in then. */
  async network(
    {
      ssid,
      credential,
      anchorPem,
    }: { readonly ssid: string; readonly credential: string; readonly anchorPem: string },
    signal?: AbortSignal,
  ): Promise<string> {
    const [anchor] = derBlocks(anchorPem, 'CERTIFICATE')
    if (!anchor) throw new IotmcError('CERTIFICATE_INVALID', { detail: 'no anchor' })
    const { phase } = await this.ask(iotmcCommands.network, { ssid, credential, anchor }, { signal })
    return phase
  }

  /** Makes an unlocked device blank again; a locked one wants the site's signature and gives its proof. */
  async wipe(
    { nonce, signature }: { readonly nonce: Buffer; readonly signature?: Buffer },
    signal?: AbortSignal,
  ): Promise<Buffer | undefined> {
    const request = { nonce, ...(signature ? { sig: signature } : {}) }
    const { proof } = await this.ask(iotmcCommands.wipe, request, { signal })
    return proof === undefined ? undefined : Buffer.from(proof)
  }

  private async ask<Q, A>(command: Command<Q, A>, payload: Q, options: RequestOptions): Promise<A> {
    for (let left = PATIENCE.tries - 1; ; left -= 1) {
      try {
        return await this.session.request(command, payload, options)
      } catch (thrown) {
        const refusal = refusalOf(thrown)
        const passes = refusal?.group === undefined && FOR_A_MOMENT.includes(refusal?.rc ?? SMP_RC.ok)
        if (!passes || left <= 0) throw thrown
        await delay(this.tools.clock, PATIENCE.pauseMs, options.signal)
      }
    }
  }
}

/** SHA-256 as bytes. */
const sha256 = (data: Uint8Array): Buffer => createHash('sha256').update(data).digest()

const sameLeaf = (installed: Buffer, wanted: Buffer): Buffer => {
  if (installed.equals(wanted)) return installed
  throw new IotmcError('READ_BACK_DIFFERS', { detail: 'the device has another certificate than was sent' })
}
