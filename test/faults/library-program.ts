/** Adds the bundles named on the command line to the library in the first argument, over and over, until it is killed. */
import { readFileSync } from 'node:fs'
import { Library } from '../../electron/firmware/library'

const [, , folder = '', anchor = '', now = '', ...bundles] = process.argv
const library = await Library.open(folder, {
  trust: () => ({ anchors: [readFileSync(anchor, 'utf8')], crls: [] }),
  now: () => Number(now),
})
console.log('ready')
for (;;) {
  for (const path of bundles) {
    const { id } = await library.add(path, { onProgress: () => console.log('writing') })
    console.log('added')
    await library.remove(id)
    console.log('removed')
  }
}
