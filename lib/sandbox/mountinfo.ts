/** /proc/self/mountinfo, see proc_pid_mountinfo(5). Pure. */

export interface Mount {
  readonly device: string
  /** Which folder of the file system is mounted. */
  readonly root: string
  /** Where. */
  readonly point: string
  /** Of the file system: `ext4`, `proc` … */
  readonly type: string
}

/** Later mounts first: of two on one point the later one is seen. */
export function parseMounts(text: string): Mount[] {
  const mounts = text.split('\n').flatMap((line): Mount[] => {
    const [front = '', back = ''] = line.split(' - ')
    const [, , device, root, point] = front.split(' ')
    if (device === undefined || root === undefined || point === undefined) return []
    return [{ device, root: unescaped(root), point: unescaped(point), type: back.split(' ')[0] ?? '' }]
  })
  return mounts.reverse()
}

/** Space, tab, newline and backslash are written as octal numbers. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
