/** What people have said about devices in this run, until a job or the Enrollment service has taken it up. */

import type { Enrollment } from '../contract/enrollment'
import type { Job } from '../contract/job'

export type Verdict = { readonly approved: true; readonly group: string } | { readonly approved: false }

export class Verdicts {
  private readonly said = new Map<string, Verdict>()

  approve(udn: string, group: string): void {
    this.said.set(udn, { approved: true, group })
  }

  reject(udn: string): void {
    this.said.set(udn, { approved: false })
  }

  forget(udn: string): void {
    this.said.delete(udn)
  }

  /** For the approve step: the person's word, the word given with the job, or what the service has settled already. */
  forJob(job: Job, enrollmentOf: () => Enrollment | undefined): Verdict | undefined {
    const said = this.said.get(job.subject)
    if (said) return said
    const { approval, group } = job.params
    if (approval === 'given' && group) return { approved: true, group }
    const enrollment = enrollmentOf()
    if (enrollment?.state === 'rejected') return { approved: false }
    if (enrollment && enrollment.state !== 'pending' && enrollment.group) {
      return { approved: true, group: enrollment.group }
    }
    return undefined
  }

  /** For the Enrollment service: an approval counts once the job has journalled it, a rejection at once. */
  forService(udn: string, active: Job | undefined, group: string | undefined): Verdict | undefined {
    const said = this.said.get(udn)
    if (said && !said.approved) return said
    const approved = active?.steps.some((step) => step.name === 'approve' && step.state === 'done')
    return approved && group ? { approved: true, group } : undefined
  }
}
