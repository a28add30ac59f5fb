import { networkInterfaces } from 'node:os'

/**
 * Throws unless this process is in a network of its own: tests that multicast must not reach a real one.
 * Run them by `npm test`, which makes the network namespace.
 */
export const requirePrivateNetwork = (): void => {
  const outside = Object.values(networkInterfaces()).some((list) => list?.some(({ internal }) => !internal))
  if (outside)
    throw new Error('This test multicasts: run it by "npm test", inside a network namespace of its own.')
}
