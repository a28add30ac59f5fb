import type { en, Texts } from '../en'

export const factory: Texts<typeof en.factory> = {}
