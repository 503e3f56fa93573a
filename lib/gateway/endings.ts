import type { McpoError } from '../errors.ts'
import type { Instance } from '../upstream/instance.ts'

type Listener = (error: McpoError) => void

const endings = new WeakMap<Instance, Set<Listener>>()

/**
 * Calls the listener when a copy ends, unless it is taken back by the function returned. A copy that many sessions use one
 * after the other would keep all of them alive if each waited for its `closed`.
 */
export function onEnding(instance: Instance, listener: Listener): () => void {
  const listeners = endings.get(instance) ?? begin(instance)
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function begin(instance: Instance): Set<Listener> {
  const listeners = new Set<Listener>()
  endings.set(instance, listeners)
  void instance.closed.then((error) => {
    for (const listener of [...listeners]) listener(error)
  })
  return listeners
}
