/** Files below /etc by which programs look up names: with a way out, the gateway answers at 127.0.0.1. */
export function nameFiles(hostname: string): Readonly<Record<'hosts' | 'resolv.conf', string>> {
  return {
    hosts: `127.0.0.1 localhost ${hostname}\n::1 localhost ip6-localhost ip6-loopback\n`,
    // Where nobody listens there, look-ups fail at once instead of timing out.
    'resolv.conf': 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n',
  }
}
