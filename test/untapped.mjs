// Preloaded into every test (.taprc). tap follows each Node process that a test starts, by NODE_OPTIONS and a note that
// the process writes when it ends. Ours start servers, other users and sandboxes, where neither has a place.
import processOnSpawn from 'process-on-spawn'

processOnSpawn.removeAllListeners()
