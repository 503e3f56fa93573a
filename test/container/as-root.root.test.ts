import { insideContainerHost } from '../support/container-host.ts'

insideContainerHost(import.meta.filename, 'root')
await import('./battery.ts')
