/**
 * The keeper: a shell between the gateway and the engine's client, since a container is no child of either. It ends the container
 * when its lifeline closes, and that the kernel does even when the gateway is killed.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Engine } from './engine.ts'

export interface KeeperRequest {
  readonly engine: Engine
  readonly name: string
  /** Another container, removed with it. */
  readonly holder: string | null
  /** Removed in the end. */
  readonly folder: string
  readonly args: readonly string[]
  /** The client is started by a first line on the lifeline. Without one nothing is, and the container is removed. */
  readonly waits: boolean
  /** What the container gets as 0, 1, 2. */
  readonly stdio: readonly [number, number, number]
}

/**
 * The lifeline is descriptor 3; until the client is started nothing but its end counts. The client is killed before the container is
 * removed, so that it cannot make one afterwards; what a daemon, or a client of the gateway's own, was making at that moment is removed a
 * second later.
 */
const script = `
engine=$1 name=$2 holder=$3 folder=$4 waits=$5
shift 5
trap '' INT HUP QUIT PIPE TERM
ended=
code=1
if [ -z "$waits" ] || read -r go <&3; then
  trap - TERM
  exec 4<&0 </dev/null
  "$engine" "$@" <&4 3<&- 4<&- &
  client=$!
  exec 4<&-
  trap 'ended=1; kill -KILL $client 2>/dev/null' TERM
  { while read -r signal <&3; do kill -"$signal" $client; done; kill -TERM $$; } >/dev/null 2>&1 &
  watcher=$!
  exec 3<&- >/dev/null 2>&1
  wait $client
  code=$?
  trap '' TERM
  kill -KILL $watcher
  wait $watcher
else
  ended=1
  exec 3<&- </dev/null >/dev/null 2>&1
fi
"$engine" rm --force "$name" \${holder:+"$holder"}
if [ "$ended" ]; then
  sleep 1
  "$engine" rm --force "$name" \${holder:+"$holder"}
fi
rm -rf "$folder"
exit $code
`

/**
 * It exits with the code of the client. Closing its `stdio[3]` ends it; a line there is a signal, `TERM`, for the client, which passes
 * it on to the container's first process.
 */
export function startKeeper({ engine, name, holder, folder, args, waits, stdio }: KeeperRequest): ChildProcess {
  const given = [engine.path, name, holder ?? '', folder, waits ? 'waits' : '', ...args]
  return spawn('/bin/sh', ['-c', script, 'mcpo-keeper', ...given], {
    env: engine.environment,
    detached: true,
    stdio: [...stdio, 'pipe'],
  })
}
