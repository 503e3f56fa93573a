/** The report for people. Colour only on a terminal, and not with NO_COLOR (no-color.org). */
import type { Strength, Verdict } from '../../policy/model.ts'
import { proofInWords, terminalSafe, terminalSafeLines } from '../../sandbox/events/words.ts'
import type { DoctorReport, ServerReport } from './report.ts'

type Colour = 'green' | 'yellow' | 'red'

const codes: Record<Colour, number> = { green: 32, yellow: 33, red: 31 }
const strengthColours: Record<Strength, Colour> = { full: 'green', partial: 'yellow', none: 'red' }

export function printReport(report: DoctorReport): void {
  process.stdout.write(`${linesOf(report).join('\n')}\n`)
}

function linesOf({ config, host, servers }: DoctorReport): string[] {
  const lines = ['This host']
  for (const { name, ok, found, needed, change } of host) {
    lines.push(`  ${mark(ok, needed)} ${name.padEnd(17)} ${found}`)
    if (change !== undefined) lines.push(`    ${''.padEnd(17)} change: ${change}`)
  }
  if (config === null) return [...lines, '', 'No configuration file: no servers to examine']
  lines.push('', `Servers in ${config}${servers.length === 0 ? ': none' : ''}`)
  return [...lines, ...servers.flatMap(serverLines)]
}

function serverLines({ name, ok, verdicts, proof, notes, error }: ServerReport): string[] {
  const lines = [`  ${mark(ok, true)} ${name}: ${ok ? 'can start' : 'cannot start'}`]
  if (error !== undefined) lines.push(terminalSafeLines(`      ${error.message}`))
  if (error?.hint !== undefined) lines.push(terminalSafeLines(`      change: ${error.hint}`))
  if (proof !== null) lines.push(`      ${proofInWords(proof)}`)
  return [...lines, ...verdicts.map(verdictLine), ...notes.map((note) => `      note: ${terminalSafe(note)}`)]
}

function verdictLine({ guarantee, strength, by, why, weakened }: Verdict): string {
  const reasons = [by.join(', '), why, weakened].filter((text) => text !== undefined && text !== '')
  return `      ${guarantee.padEnd(18)} ${painted(strength.padEnd(8), strengthColours[strength])} ${reasons.join('; ')}`
}

function mark(ok: boolean, needed: boolean): string {
  if (ok) return painted('ok  ', 'green')
  return needed ? painted('FAIL', 'red') : painted('warn', 'yellow')
}

function painted(text: string, colour: Colour): string {
  const isColoured = process.stdout.isTTY === true && (process.env['NO_COLOR'] ?? '') === ''
  return isColoured ? `\u001B[${codes[colour]}m${text}\u001B[0m` : text
}
