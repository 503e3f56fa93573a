import { insideContainerHost } from '../support/container-host.ts'

insideContainerHost(import.meta.filename, 'user-with-subordinate-ids')
await import('./battery.ts')
