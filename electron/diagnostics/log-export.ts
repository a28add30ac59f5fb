/** Stored records as files, in pieces: nothing is held but a page. */
import type { LogFilter, LogFormat } from '../contract/device-log'
import type { LogBooks } from './log-books'
import { LOG_WRITERS } from './log-formats'
import type { LogSearch } from './log-search'

/** Text in pieces, to be written one after the other; `records` counts what is in the pieces so far. */
export interface LogExport extends AsyncIterable<string> {
  readonly records: number
}

/** Records a piece: little enough that the main process is not held up by reading and writing one. */
const PAGE = 250

export const exportLog = (
  search: LogSearch,
  books: LogBooks,
  filter: LogFilter,
  format: LogFormat,
  signal?: AbortSignal,
): LogExport => {
  const counted = { records: 0 }
  const pieces = async function* (): AsyncGenerator<string> {
    counted.records = 0
    const writer = LOG_WRITERS[format]()
    if (writer.head !== '') yield writer.head
    for (const part of writer.byDevice ? devicesOf(books, filter) : [filter]) {
      for await (const records of search.oldestFirst(part, PAGE, signal)) {
        counted.records += records.length
        yield writer.records(records)
      }
    }
    const tail = writer.tail()
    if (tail !== '') yield tail
  }
  return {
    get records() {
      return counted.records
    },
    [Symbol.asyncIterator]: pieces,
  }
}

/** One filter a device, so that each device's records come together. */
const devicesOf = (books: LogBooks, filter: LogFilter): LogFilter[] => {
  const known = [...new Set(books.all().map(({ udn }) => udn))]
  const wanted = filter.udns ? new Set(filter.udns) : undefined
  return known.filter((udn) => !wanted || wanted.has(udn)).map((udn) => ({ ...filter, udns: [udn] }))
}
