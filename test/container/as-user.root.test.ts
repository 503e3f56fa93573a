import { insideContainerHost } from '../support/container-host.ts'

insideContainerHost(import.meta.filename, 'user')
await import('./battery.ts')
