/** Starts launchers without end, each of which would wait for its gateway for ever. */
import { parentPort, workerData } from 'node:worker_threads'
import { isNativeFailure, launcherPath, spawn } from '../../lib/native/index.ts'

const { plan } = workerData
for (let started = 0; started < 100; started += 1) {
  const child = spawn(plan, { launcher: launcherPath, stdio: [0, 1, 2], cgroup: null, refusals: 'told' })
  if (!isNativeFailure(child)) parentPort?.postMessage(child.pid)
}
