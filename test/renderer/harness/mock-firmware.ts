/** Plays the firmware desk in the page. Handed to the page as text, so it uses nothing from outside itself. */
export const playFirmware = (): void => {
  // biome-ignore lint/suspicious/noExplicitAny: this text is sent to the page as it is
  type Any = any
  const page = window as Any
  page.areas ??= []
  page.areas.push((state: Any, push: (name: string, payload: Any) => void, fail: Any) => {
    const { firmware } = state
    const library = () => ({
      bundles: firmware.bundles,
      usedBytes: firmware.bundles.reduce((sum: number, one: Any) => sum + one.bytes, 0),
      freeBytes: firmware.freeBytes,
    })
    const changed = () => push('firmware.rollouts', firmware.rollouts)
    const find = (id: string) => firmware.rollouts.find((one: Any) => one.id === id)
    const set = (id: string, change: Any) => {
      Object.assign(find(id), change)
      changed()
    }
    const fitOf = (device: Any) => {
      const currentVersion = device.firmwareVersion
      const no = (reason: string) => ({ udn: device.udn, fits: false, reason, currentVersion })
      if (!device.managed) return no('not-managed')
      if (device.model !== 'PX-200') return no('wrong-model')
      if (device.phase !== 'operation') return no('not-enrolled')
      if (!device.online) return { udn: device.udn, fits: true, reason: 'offline', currentVersion }
      return { udn: device.udn, fits: true, currentVersion }
    }
    let serial = 0
    const STEPS = [
      'connect',
      'check-fit',
      'upload',
      'mark-for-test',
      'restart',
      'check-running',
      'confirm',
      'read-back',
    ]
    const jobs = new Map<string, Any>()
    const advance = (job: Any) => {
      const step = job.steps.find((one: Any) => one.state === 'pending')
      if (!step) job.state = 'done'
      else if (step.name === 'confirm' && job.params.confirm !== 'true') {
        step.state = 'skipped'
        return advance(job)
      } else {
        job.state = 'running'
        Object.assign(step, { state: 'running', startedAtMs: Date.now() })
        if (step.name === 'upload') step.progress = { done: 3, total: 8 }
        setTimeout(() => {
          Object.assign(step, { state: 'done', endedAtMs: Date.now() })
          delete step.progress
          advance(job)
        }, state.stepMs)
      }
      push('jobs.changed', [job])
    }
    return {
      'firmware.library': library,
      'firmware.add': ({ path }: Any) => {
        if (path?.includes('broken')) fail('SIGNATURE_INVALID', 'the signature does not cover this manifest')
        return { added: firmware.bundles[0], library: library() }
      },
      'firmware.remove': ({ bundleId }: Any) => {
        firmware.bundles = firmware.bundles.filter((one: Any) => one.id !== bundleId)
        return library()
      },
      'firmware.fits': () => state.devices.map(fitOf),
      'firmware.start': (plan: Any) => {
        page.startedPlan = plan
        return firmware.rollouts[0].id
      },
      'firmware.rollouts': () => firmware.rollouts,
      'firmware.board': ({ rolloutId }: Any) => firmware.rows[rolloutId] ?? [],
      'firmware.pause': ({ rolloutId }: Any) => set(rolloutId, { state: 'paused', pauseReason: 'person' }),
      'firmware.resume': ({ rolloutId }: Any) => set(rolloutId, { state: 'running', pauseReason: undefined }),
      'firmware.stop': ({ rolloutId, when }: Any) =>
        set(rolloutId, { state: when === 'now' ? 'stopped' : 'stopping' }),
      'firmware.retry': ({ rolloutId }: Any) => set(rolloutId, { state: 'running' }),
      'firmware.status': ({ udn }: Any) =>
        firmware.rows['r-1']?.find((one: Any) => one.udn === udn)?.status ?? fail('DEVICE_UNREACHABLE'),
      'firmware.confirm': () => undefined,
      'firmware.revert': () => undefined,
      'firmware.lookSerial': ({ path }: Any) => firmware.cables[path] ?? fail('SERIAL_SILENT'),
      'firmware.updateSerial': ({ path, confirm }: Any) => {
        serial += 1
        const job = {
          id: `update-serial-${serial}`,
          kind: 'update-serial',
          subject: path,
          batch: `update-serial-${serial}`,
          params: { confirm: String(confirm) },
          state: 'queued',
          steps: STEPS.map((name) => ({ name, state: 'pending', cancellable: name === 'upload' })),
          attempt: 1,
          createdAtMs: Date.now(),
          updatedAtMs: Date.now(),
        }
        jobs.set(job.id, job)
        setTimeout(() => advance(job), 20)
        return job.id
      },
    }
  })
}
