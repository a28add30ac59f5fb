import type { Sample } from './sample'

/**
 * Plays the main process in the page. Handed to the page as text, so it uses nothing from outside itself.
 * Jobs go on by themselves as the real ones do, and wait for approval.
 */
export const installBridge = (sample: Sample): void => {
  // Plain shapes: the contract's types are checked where the sample is made.
  // biome-ignore lint/suspicious/noExplicitAny: this text is sent to the page as it is
  type Any = any
  const state: Any = structuredClone(sample)
  const listeners = new Map<string, Set<(json: string) => void>>()
  const push = (name: string, payload: Any) => {
    for (const listener of listeners.get(name) ?? []) listener(JSON.stringify(payload))
  }
  const jobs = new Map<string, Any>(state.jobs.map((job: Any) => [job.id, job]))
  const STEPS = [
    'find',
    'verify-identity',
    'approve',
    'issue-certificate',
    'push-configuration',
    'device-confirms',
    'read-back',
  ]
  let serial = 0
  const approved = new Set<string>()
  const deviceOf = (udn: string) => state.devices.find((one: Any) => one.udn === udn)
  const pushDevice = (udn: string) =>
    push('devices.delta', { reset: false, last: true, put: [deviceOf(udn)], drop: [] })
  const pushJob = (job: Any) => {
    job.updatedAtMs = Date.now()
    push('jobs.changed', [job])
  }
  const finish = (job: Any, how: string) => {
    job.state = how
    const device = deviceOf(job.subject)
    if (how === 'done')
      Object.assign(device, {
        phase: 'operation',
        state: 'healthy',
        group: job.params.group,
        configurationVersion: 4,
        ldevidNotAfter: new Date(Date.now() + 397 * 86_400_000).toISOString(),
      })
    if (how === 'failed') Object.assign(device, { state: 'failed', lastErrorCode: job.error.code })
    pushDevice(job.subject)
    pushJob(job)
  }
  const advance = (job: Any) => {
    if (job.state === 'cancelled' || job.state === 'failed' || job.state === 'done') return
    const step = job.steps.find((one: Any) => one.state !== 'done')
    if (!step) return finish(job, 'done')
    if (step.name === 'approve' && !approved.has(job.subject)) {
      job.state = 'needs-you'
      step.state = 'running'
      return pushJob(job)
    }
    job.state = 'running'
    step.state = 'running'
    step.startedAtMs ??= Date.now()
    pushJob(job)
    setTimeout(() => {
      if (job.state !== 'running') return
      if (step.name === 'device-confirms' && state.failing.includes(job.subject) && job.attempt === 1) {
        step.state = 'failed'
        step.endedAtMs = Date.now()
        job.error = { code: 'NOT_CONFIRMED', detail: 'no ConfirmEnrollment within 30 s' }
        return finish(job, 'failed')
      }
      step.state = 'done'
      step.endedAtMs = Date.now()
      if (step.name === 'issue-certificate') step.note = 'LDevID 4F:21:9C'
      if (step.name === 'push-configuration') step.note = '4 parameters, version 4'
      advance(job)
    }, state.stepMs)
  }
  const commission = ({ udns, group }: Any) => {
    serial += 1
    const batch = `batch-${serial}`
    return udns.map((udn: string, index: number) => {
      const job = {
        id: `job-${serial}-${index}`,
        kind: 'commission',
        subject: udn,
        batch,
        params: { group },
        state: 'queued',
        steps: STEPS.map((name) => ({ name, state: 'pending', cancellable: name !== 'issue-certificate' })),
        attempt: 1,
        createdAtMs: Date.now(),
        updatedAtMs: Date.now(),
      }
      jobs.set(job.id, job)
      setTimeout(() => advance(job), 20)
      return job.id
    })
  }
  const fail = (code: string, detail?: string) => {
    throw { code, detail }
  }
  const HANDLERS: Record<string, (request: Any) => Any> = {
    'app.status': () => state.status,
    'app.setup': (request) => {
      Object.assign(state.status, {
        stage: 'ready',
        siteName: request.siteName,
        technician: request.technician,
      })
      return state.status
    },
    'app.unlock': ({ passphrase }) => {
      if (passphrase !== 'open sesame') fail('PASSPHRASE_WRONG')
      state.status.stage = 'ready'
      return state.status
    },
    'app.quitAnswer': (answer) => {
      Object.assign(window, { quitAnswer: answer.quit })
    },
    'network.interfaces': () => state.interfaces,
    'settings.get': () => state.settings,
    'settings.set': (change) => Object.assign(state.settings, change),
    'devices.open': () => {
      const rows = state.devices
      for (let at = 0; at === 0 || at < rows.length; at += 500)
        push('devices.delta', {
          reset: at === 0,
          last: at + 500 >= rows.length,
          put: rows.slice(at, at + 500),
          drop: [],
        })
    },
    'devices.search': () => undefined,
    'devices.identify': () => undefined,
    'devices.verify': ({ udn }) => ({ ...state.checks[udn], checkedAtMs: Date.now() }),
    'discovery.missing': () => state.missing,
    'enrollment.list': () => [],
    'enrollment.approve': ({ udns }) => {
      for (const udn of udns) approved.add(udn)
      for (const job of jobs.values()) {
        if (job.state !== 'needs-you' || !udns.includes(job.subject)) continue
        job.state = 'running'
        job.steps[2].state = 'done'
        advance(job)
      }
    },
    'enrollment.reject': ({ udns }) => {
      for (const job of jobs.values()) {
        if (!udns.includes(job.subject)) continue
        job.error = { code: 'REJECTED' }
        finish(job, 'failed')
      }
    },
    'enrollment.expected': () => state.expected,
    'enrollment.setExpected': (list) => {
      state.expected = list
      return list
    },
    'groups.list': () => state.groups,
    'groups.save': ({ name, values }) => {
      const known = state.groups.find((one: Any) => one.name === name)
      if (known) Object.assign(known, { values, version: known.version + 1 })
      else state.groups.push({ name, values, version: 1, members: 0 })
      return state.groups
    },
    'jobs.open': () => [...jobs.values()],
    'jobs.commission': commission,
    'jobs.cancel': ({ ids }) => {
      for (const id of ids) {
        const job = jobs.get(id)
        job.state = 'cancelled'
        pushJob(job)
      }
    },
    'jobs.retry': ({ ids }) => {
      for (const id of ids) {
        const job = jobs.get(id)
        Object.assign(job, { state: 'queued', attempt: job.attempt + 1, error: undefined })
        for (const step of job.steps) if (step.state === 'failed') step.state = 'pending'
        advance(job)
      }
    },
    'jobs.clear': () => {
      for (const [id, job] of jobs) if (['done', 'failed', 'cancelled'].includes(job.state)) jobs.delete(id)
    },
    'trust.list': () => state.roots,
    'trust.add': () => fail('CERTIFICATE_INVALID', 'not a CA certificate'),
    'trust.remove': ({ fingerprint }) => {
      state.roots = state.roots.filter((one: Any) => one.fingerprint !== fingerprint)
      return state.roots
    },
    'practice.start': () => {
      Object.assign(state.status, { stage: 'ready', practice: true, siteName: 'Practice site' })
      return state.status
    },
  }
  // Areas that are played in files of their own (open.ts adds them to the page first).
  for (const play of (window as Any).areas ?? [])
    Object.assign(HANDLERS, play(state, push, fail, { ...HANDLERS }))
  const bridge = {
    call: async (name: string, request: Any) => {
      await new Promise((resolve) => setTimeout(resolve, 5))
      try {
        return { ok: true, value: structuredClone(HANDLERS[name]?.(request)) }
      } catch (error) {
        return { ok: false, error }
      }
    },
    pathOf: (file: Any) => `/home/technician/${file.name}`,
    on: (name: string, listener: (json: string) => void) => {
      const set = listeners.get(name) ?? new Set()
      listeners.set(name, set.add(listener))
      return () => set.delete(listener)
    },
  }
  Object.assign(window, { iotmc: bridge, played: { push, state } })
}
