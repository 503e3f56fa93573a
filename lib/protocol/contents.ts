import { each, type Path } from './renaming.ts'

/** Where the URIs of the contents stand in an answer to `resources/read`. */
export const contentPaths: readonly Path[] = [['result', 'contents', each, 'uri']]

/** Where a block of content names a resource: a link to it, or the resource itself. */
const inBlock: readonly Path[] = [['uri'], ['resource', 'uri']]

/** Where links and embedded resources stand in an answer to `tools/call` or `prompts/get`. */
export const linkPaths: readonly Path[] = [
  ...below(['result', 'content', each]),
  ...below(['result', 'messages', each, 'content']),
]

/** The same in what became of a task: in an answer to `tasks/get`, and in `notifications/tasks`. */
export const taskLinkPaths: readonly Path[] = [
  ...below(['result', 'result', 'content', each]),
  ...below(['params', 'result', 'content', each]),
]

function below(path: Path): Path[] {
  return inBlock.map((rest) => [...path, ...rest])
}
