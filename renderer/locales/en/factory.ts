export const factory = {}
