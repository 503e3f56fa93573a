import type { Plan } from '../../lib/policy/plan.ts'

/** A plan with nothing in it but the program. */
export const plainPlan: Plan = {
  hostname: 'srv',
  hostUid: null,
  userNamespace: true,
  shareNetwork: false,
  egress: null,
  root: 'minimal',
  mounts: [],
  landlock: null,
  rlimits: [],
  watch: null,
  executable: '/bin/true',
  argv: ['true'],
  environment: [],
  cwd: '/',
  dryRun: false,
}
