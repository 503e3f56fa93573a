import type { Socket } from 'node:net'
import { Quota } from './quota.ts'

const maxLineBytes = 2048
const maxLinesPerSecond = 50
const tailLines = 8

/**
 * A server's stderr, line by line, into `onLine`. A line is cut at 2 KiB and at most 50 lines a second pass; the number
 * of lines left out is told. What a server writes is text from a stranger: control characters are taken out.
 */
export class StderrReader {
  private readonly tail: string[] = []
  private rest = ''
  private readonly quota = new Quota(maxLinesPerSecond)
  private readonly onLine: (line: string) => void

  constructor(socket: Socket, onLine: (line: string) => void) {
    this.onLine = onLine
    socket.setEncoding('utf8')
    socket.on('data', (text: string) => this.read(text))
    socket.on('end', () => this.finish())
    socket.on('error', () => {})
  }

  /** The last lines, oldest first. */
  lastLines(): readonly string[] {
    return this.rest === '' ? this.tail : [...this.tail, clean(this.rest)].slice(-tailLines)
  }

  private read(text: string): void {
    const lines = (this.rest + text).split('\n')
    this.rest = (lines.pop() ?? '').slice(0, maxLineBytes)
    for (const line of lines) this.line(line)
  }

  private finish(): void {
    if (this.rest !== '') this.line(this.rest)
    this.rest = ''
  }

  private line(raw: string): void {
    const line = clean(raw)
    if (line === '') return
    this.tail.push(line)
    if (this.tail.length > tailLines) this.tail.shift()
    const { admitted, leftOut } = this.quota.admit()
    if (leftOut > 0) this.onLine(`(${leftOut} more lines left out)`)
    if (admitted) this.onLine(line)
  }
}

function clean(line: string): string {
  return line.slice(0, maxLineBytes).replace(controls, ' ').trimEnd()
}

/** C0, DEL and C1: what a terminal would take for a command. */
const controls = /\p{Cc}+/gu
