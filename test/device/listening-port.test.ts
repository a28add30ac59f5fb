import { afterEach, expect, it } from 'vitest'
import { ListeningPort } from '../../electron/device/listening-port'
import type { ByteLink } from '../../electron/serial/link'
import { openLink } from '../../electron/serial/link'

const links: ByteLink[] = []
afterEach(async () => {
  for (const link of links.splice(0).reverse()) await link.close()
})
const kept = async (link: Promise<ByteLink>): Promise<ByteLink> => {
  links.push(await link)
  return link
}

/** A board's end that gives every byte back. */
const echo = async (port: ListeningPort): Promise<ByteLink> => {
  const board = await kept(port.open(''))
  board.onData((bytes) => void board.write(bytes))
  return board
}
const connect = ({ path }: ListeningPort): Promise<ByteLink> => kept(openLink(path))

const answer = async (link: ByteLink, text: string): Promise<string> => {
  const heard = new Promise<string>((resolve) => {
    const stop = link.onData((bytes) => {
      stop()
      resolve(bytes.toString())
    })
  })
  await link.write(Buffer.from(text))
  return heard
}

it('a serial side that listens is on this machine only, at a port that it tells', async () => {
  const port = new ListeningPort(0)
  await echo(port)
  expect(port.path).toMatch(/^tcp:127\.0\.0\.1:[1-9]\d+$/)
  expect(await answer(await connect(port), 'hello')).toBe('hello')
})

it('it serves one at a time: a second is closed at once, the first goes on', async () => {
  const port = new ListeningPort(0)
  await echo(port)
  const first = await connect(port)
  expect(await answer(first, 'one')).toBe('one')
  expect((await (await connect(port)).gone).code).toBe('SERIAL_UNPLUGGED')
  expect(await answer(first, 'two')).toBe('two')
})

it('it goes on listening after a client has left, also for one that comes in the same moment', async () => {
  const port = new ListeningPort(0)
  const board = await echo(port)
  for (let turn = 0; turn < 30; turn++) {
    const client = await connect(port)
    expect(await answer(client, `turn ${turn}`)).toBe(`turn ${turn}`)
    await client.close()
  }
  const over = await Promise.race([board.gone, 'still there'])
  expect(over).toBe('still there')
})

it('what is written while nobody is there is lost, without an error', async () => {
  const port = new ListeningPort(0)
  const board = await echo(port)
  await board.write(Buffer.from('anybody?'))
  expect(await answer(await connect(port), 'here')).toBe('here')
})

it('unplugged, its client is told at once; plugged in again it is at the same port', async () => {
  const port = new ListeningPort(0)
  const board = await echo(port)
  const client = await connect(port)
  expect(await answer(client, 'a')).toBe('a')
  const { path } = port
  await board.close()
  expect((await client.gone).code).toBe('SERIAL_UNPLUGGED')
  await expect(openLink(path)).rejects.toMatchObject({ code: 'SERIAL_PORT_MISSING' })
  await echo(port)
  expect(port.path).toBe(path)
  expect(await answer(await connect(port), 'b')).toBe('b')
})

it('a port that is taken is busy', async () => {
  const first = new ListeningPort(0)
  await echo(first)
  const taken = new ListeningPort(Number(first.path.split(':').at(-1)))
  await expect(taken.open('')).rejects.toMatchObject({ code: 'SERIAL_PORT_BUSY', subject: first.path })
})
