/** One run: boots a machine, has its guest do a job, and tells what came of it. */
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Job, jobScript } from './job.ts'
import type { Machine } from './machine.ts'
import { ProcessGroups } from './process-group.ts'
import { withScratch } from './scratch.ts'

export interface Outcome {
  /** Of the command. `null`: there was none, because the time was up or the machine ended before. */
  readonly code: number | null
  /** What the console showed: both outputs of the command, and whatever the kernel and the machine said. */
  readonly lines: readonly string[]
  readonly seconds: number
}

/** `onLine` hears each line of the console as it comes. Whatever happens, no process and no file is left behind. */
export async function runInGuest(machine: Machine, job: Job, onLine = (_line: string): void => {}): Promise<Outcome> {
  const processes = new ProcessGroups()
  const place = { parent: tmpdir(), name: 'mcpo-lab' }
  return withScratch(
    place,
    (folder) => boot(machine, job, { folder, processes, onLine }),
    () => processes.end(),
  )
}

interface Run {
  readonly folder: string
  readonly processes: ProcessGroups
  readonly onLine: (line: string) => void
}

async function boot(machine: Machine, job: Job, { folder, processes, onLine }: Run): Promise<Outcome> {
  const started = performance.now()
  const timer = setTimeout(() => processes.end(), job.timeoutMs)
  try {
    const mark = `mcpo-lab-${randomUUID()}`
    const jobFile = join(folder, 'job')
    await writeFile(jobFile, jobScript(job, mark, machine.busybox))
    const heard = new Console(mark, onLine)
    const start = (command: string, args: readonly string[]) => heard.errorsOf(processes.start(command, args))
    const code = await heard.until(await machine.boot({ jobFile, folder, memoryMb: job.memoryMb, start }))
    return { code, lines: heard.lines, seconds: (performance.now() - started) / 1000 }
  } finally {
    clearTimeout(timer)
  }
}

/** What is heard of a machine and its helpers. */
class Console {
  readonly lines: string[] = []
  readonly #mark: string
  readonly #onLine: (line: string) => void

  constructor(mark: string, onLine: (line: string) => void) {
    this.#mark = mark
    this.#onLine = onLine
  }

  /** Kept for the case that it is needed. */
  errorsOf(helper: ChildProcess): ChildProcess {
    if (helper.stderr !== null) createInterface({ input: helper.stderr }).on('line', (line) => this.#keep(line))
    return helper
  }

  /** Listens until the command's status comes; `null` when the machine ends without. */
  until(machine: ChildProcess): Promise<number | null> {
    return new Promise((resolve) => {
      if (machine.stdout === null) return resolve(null)
      createInterface({ input: machine.stdout, crlfDelay: Number.POSITIVE_INFINITY })
        .on('line', (line) => {
          if (line.startsWith(`${this.#mark} `)) resolve(Number(line.slice(this.#mark.length)))
          else if (this.#keep(line)) this.#onLine(line)
        })
        .on('close', () => resolve(null))
    })
  }

  #keep(line: string): boolean {
    return this.lines.length < maxLines && this.lines.push(line) > 0
  }
}

/** A guest that prints for ever must not fill the memory. */
const maxLines = 200_000
