import { rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Takes out what an unpacked Electron brings for development: its default app and this project's own notes. */
export default async function afterPack({ appOutDir, electronPlatformName, packager }) {
  const mac = join(appOutDir, `${packager.appInfo.productFilename}.app`, 'Contents/Resources')
  const resources = electronPlatformName === 'darwin' ? mac : join(appOutDir, 'resources')
  const leftovers = [
    join(resources, 'default_app.asar'),
    join(appOutDir, 'version'),
    join(appOutDir, '.complete'),
  ]
  await Promise.all(leftovers.map((path) => rm(path, { force: true })))
}
