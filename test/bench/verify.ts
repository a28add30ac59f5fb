/** Verification of a 64 MB bundle, beside `openssl cms -verify` of a detached signature over the same 64 MB. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packBundle, readBundle } from '../../electron/firmware/bundle'
import { practiceFirmwareSigner } from '../../electron/firmware/signer'
import { openPracticeFactory } from '../../electron/identity/practice-factory'
import { makeTempDir } from '../helpers/temp-dir'
import { median, type Print } from './support/print'

const IMAGE_BYTES = 64 * 1024 * 1024
const RUNS = 9

const timed = async (work: () => unknown): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}

/**
 * Prints the time of each in turn, as a person would wait for it, and ours over theirs; the aim is no more than 1. Their
 * time has the start of a program in it, ours has not; what a start of openssl takes is printed beside it. Ours reads the
 * whole bundle: its outer form, its manifest, the chain of its signer, and every byte of its image.
 */
export const run = async (print: Print): Promise<void> => {
  const folder = makeTempDir('iotmc-bench-verify-')
  try {
    const { ours, theirs, start } = await prepare(folder.path)
    const own: number[] = []
    const openssl: number[] = []
    const started: number[] = []
    for (let n = -1; n < RUNS; n += 1) {
      const times = [await timed(ours), await timed(theirs), await timed(start)] as const
      // The first fills the disk's cache for both.
      if (n < 0) continue
      own.push(times[0])
      openssl.push(times[1])
      started.push(times[2])
    }
    print('verify-bundle-64MB', Number(median(own).toFixed(1)), 'ms')
    print('verify-openssl-64MB', Number(median(openssl).toFixed(1)), 'ms')
    print('verify-openssl-start', Number(median(started).toFixed(1)), 'ms')
    print('verify-ratio', Number((median(own) / median(openssl)).toFixed(2)), 'of the time of openssl')
  } finally {
    folder.remove()
  }
}

const prepare = async (folder: string) => {
  const file = (name: string): string => join(folder, name)
  const factory = await openPracticeFactory(file('factory'))
  const now = new Date()
  const { keyPem, chainPem } = await practiceFirmwareSigner(factory, now)
  writeFileSync(file('root.pem'), factory.certificatePem)
  writeFileSync(file('key.pem'), keyPem)
  writeFileSync(file('signer.pem'), chainPem)
  writeFileSync(
    file('image'),
    Buffer.alloc(IMAGE_BYTES, 'firmware of 64 MB, byte for byte the same for both; '),
  )
  const openssl = (...args: string[]): Buffer => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const signed = ['-signer', 'signer.pem', '-inkey', 'key.pem', '-outform', 'DER', '-out', 'image.p7s']
  openssl('cms', '-sign', '-binary', '-in', 'image', ...signed)
  await packBundle({
    manifest: {
      format: 1,
      vendor: 'Example maker',
      model: 'TH-10',
      hardwareRevisions: ['A'],
      version: '2.4.0',
      securityVersion: 1,
      releaseDate: now.toISOString(),
      image: { file: 'image.bin', format: 'raw' },
      probationHours: 24,
      notes: '',
    },
    imagePath: file('image'),
    keyPem,
    chainPem,
    out: file('bundle.iotfw'),
    now,
  })
  const judged = ['-in', 'image.p7s', '-content', 'image', '-CAfile', 'root.pem', '-purpose', 'any']
  return {
    ours: () =>
      readBundle(file('bundle.iotfw'), { anchors: [factory.certificatePem], crls: [], now: Date.now() }),
    theirs: () => openssl('cms', '-verify', '-binary', '-inform', 'DER', ...judged, '-out', '/dev/null'),
    start: () => openssl('version'),
  }
}
