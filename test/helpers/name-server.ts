/** A name server on this machine that knows a few names, for tests of looking up. */
import { createSocket } from 'node:dgram'

const TYPE_A = 1
/** Codes of answers (RFC 1035 §4.1.1). */
const NO_ERROR = 0
const NO_SUCH_NAME = 3
/** Response, recursion desired and available. */
const FLAGS = 0x8180

/** The question's name, and where it ends. */
const readName = (query: Buffer): { name: string; end: number } => {
  const labels: string[] = []
  let at = 12
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('ascii', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 }
}

const answerTo = (query: Buffer, names: Readonly<Record<string, string>>): Buffer => {
  const { name, end } = readName(query)
  const address = names[name]
  const found = address !== undefined && query.readUInt16BE(end) === TYPE_A
  const head = Buffer.alloc(12)
  query.copy(head, 0, 0, 2)
  head.writeUInt16BE(FLAGS | (address === undefined ? NO_SUCH_NAME : NO_ERROR), 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(found ? 1 : 0, 6)
  const question = query.subarray(12, end + 4)
  if (!found) return Buffer.concat([head, question])
  // The name by a pointer to the question, type A, class IN, a minute, four bytes.
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address.split('.').map(Number)])
  return Buffer.concat([head, question, record])
}

export interface NameServer {
  /** `address:port`. */
  readonly place: string
  /** Questions so far. */
  readonly asked: () => number
  /** From now on it hears and says nothing. */
  silence(): void
  stop(): Promise<void>
}

/** Starts one that answers A questions for `names` (name → address) and denies all others. */
export const startNameServer = async (names: Readonly<Record<string, string>>): Promise<NameServer> => {
  const socket = createSocket('udp4')
  let asked = 0
  let silent = false
  socket.on('message', (query, from) => {
    asked += 1
    if (!silent) socket.send(answerTo(query, names), from.port, from.address)
  })
  await new Promise<void>((done) => socket.bind(0, '127.0.0.1', done))
  return {
    place: `127.0.0.1:${socket.address().port}`,
    asked: () => asked,
    silence: () => {
      silent = true
    },
    stop: () => new Promise((done) => void socket.close(() => done())),
  }
}
