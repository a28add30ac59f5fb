import { capture, run, say } from './proc.mjs'

// Multicast must stay inside: the new namespace has no way out but its own loopback.
const prepare = [
  'ip link set lo up',
  'ip link set lo multicast on',
  'ip route add 224.0.0.0/4 dev lo',
  // Only a route of type "local" delivers IPv6 multicast on loopback. Absent where IPv6 is switched off.
  '{ ip -6 addr add fe80::1/64 dev lo nodad; ip -6 route add local ff00::/8 dev lo table local; } 2>/dev/null || true',
].join(' && ')

let wrapper

async function findWrapper() {
  // Already inside, or on a system without namespaces.
  if (process.env.IOTMC_PRIVATE_NETWORK === '1') return []
  if (process.platform !== 'linux') {
    say(`No private network on ${process.platform}: this runs on the loopback interface`)
    return []
  }
  // Root needs no user namespace; everyone else gets one in which they may set up the loopback.
  for (const flag of ['-n', '-rn']) {
    const argv = ['unshare', flag, 'sh', '-c', `(${prepare}) && exec "$@"`, 'sh']
    const { code } = await capture('unshare', [...argv.slice(1), 'true'])
    if (code === 0) return argv
  }
  say('No private network can be made here (unshare is not allowed): this runs on the loopback interface')
  return []
}

/**
 * Runs a command in a private network namespace with multicast on loopback, or directly where there are none.
 * Resolves with its exit code. `opts` as for `run` in proc.mjs.
 */
export async function runInNamespace(argv, opts = {}) {
  wrapper ??= await findWrapper()
  const [command, ...args] = [...wrapper, ...argv]
  const env = { ...(opts.env ?? process.env), IOTMC_PRIVATE_NETWORK: wrapper.length > 0 ? '1' : '' }
  if (process.env.IOTMC_PRIVATE_NETWORK === '1') env.IOTMC_PRIVATE_NETWORK = '1'
  return run(command, args, { ...opts, env })
}
