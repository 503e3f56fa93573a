import { insideContainerHost } from '../support/container-host.ts'
import { names } from './egress-names.ts'

insideContainerHost(import.meta.filename, 'user', names)
await import('./egress-battery.ts')
