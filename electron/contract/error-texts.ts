/** Placeholder until the texts are written. */
import type { ErrorCode } from './errors'
export interface ErrorText { readonly what: string; readonly state: string; readonly next: string }
export const explain = (code: ErrorCode, _language: 'en' | 'de', subject?: string): ErrorText => ({ what: `${code} ${subject ?? ''}`, state: '', next: '' })
