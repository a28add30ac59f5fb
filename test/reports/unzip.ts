/** All files of a ZIP, unpacked in memory by yauzl. */
import { buffer } from 'node:stream/consumers'
import { type Entry, open, type ZipFile } from 'yauzl'

export const unzip = async (path: string): Promise<Map<string, Buffer>> => {
  const zip = await new Promise<ZipFile>((resolve, reject) =>
    open(path, { lazyEntries: true }, (error, opened) => (error ? reject(error) : resolve(opened))),
  )
  const files = new Map<string, Buffer>()
  await new Promise<void>((resolve, reject) => {
    zip.on('error', reject)
    zip.on('end', resolve)
    zip.on('entry', (entry: Entry) => {
      zip.openReadStream(entry, (error, stream) => {
        if (error) return reject(error)
        buffer(stream).then((bytes) => {
          files.set(entry.fileName, bytes)
          zip.readEntry()
        }, reject)
      })
    })
    zip.readEntry()
  })
  return files
}
