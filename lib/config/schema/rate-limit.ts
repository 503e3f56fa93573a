import { later, table, wholeNumber } from './fields.ts'

/** `[rate_limit]`: how often one principal may call. */
export const rateLimitTable = table({
  requests_per_minute: wholeNumber(1, 1_000_000).optional(),
  burst_size: wholeNumber(1, 1_000_000).optional(),
})

export const rateLimitField = later(rateLimitTable, 'rate limits')
