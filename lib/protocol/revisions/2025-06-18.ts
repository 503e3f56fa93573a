import { frozen, type LegacyRevision } from './model.ts'

/** No arrays any more; elicitation; clients repeat the revision in a header. */
export const revision20250618: LegacyRevision = frozen({
  version: '2025-06-18',
  era: 'legacy',
  client: {
    requests: [
      'initialize',
      'ping',
      'completion/complete',
      'logging/setLevel',
      'prompts/get',
      'prompts/list',
      'resources/list',
      'resources/templates/list',
      'resources/read',
      'resources/subscribe',
      'resources/unsubscribe',
      'tools/call',
      'tools/list',
    ],
    notifications: [
      'notifications/cancelled',
      'notifications/progress',
      'notifications/initialized',
      'notifications/roots/list_changed',
    ],
    capabilities: {
      experimental: [],
      roots: ['listChanged'],
      sampling: [],
      elicitation: [],
    },
  },
  server: {
    requests: ['ping', 'sampling/createMessage', 'roots/list', 'elicitation/create'],
    notifications: [
      'notifications/cancelled',
      'notifications/progress',
      'notifications/message',
      'notifications/resources/updated',
      'notifications/resources/list_changed',
      'notifications/tools/list_changed',
      'notifications/prompts/list_changed',
    ],
    capabilities: {
      experimental: [],
      logging: [],
      completions: [],
      prompts: ['listChanged'],
      resources: ['subscribe', 'listChanged'],
      tools: ['listChanged'],
    },
  },
  questions: { 'sampling/createMessage': 'sampling', 'roots/list': 'roots', 'elicitation/create': 'elicitation' },
  askingRequests: [],
  extensionRequests: {},
  hasArrays: false,
  http: {
    nameFields: {},
    isResumable: true,
    hasEmptyEvents: false,
    disconnectCancels: false,
    errorStatuses: {},
  },
  results: { always: {}, cached: {}, cachedRequests: [] },
  unknownResource: -32002,
})
