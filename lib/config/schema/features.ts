import { flag, laterWhen, table } from './fields.ts'

/** `[features]`: switches over the whole gateway. Each must agree with the table it is about. */
export const featuresTable = table({
  auth: flag().optional(),
  sandbox: flag().optional(),
  scope_validation: laterSwitch('scopes').optional(),
  hot_reload: laterSwitch('hot reload').optional(),
  audit_logging: laterSwitch('the audit trail').optional(),
})

/** Saying that a later feature is off is true today. */
function laterSwitch(comesWith: string) {
  return laterWhen(flag(), (isOn) => isOn, comesWith)
}
