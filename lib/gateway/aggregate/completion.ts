import { McpoError } from '../../errors.ts'
import { textsIn } from '../params.ts'
import type { ByName } from './by-name.ts'
import type { ByUri } from './by-uri.ts'
import type { Caller } from './caller.ts'

/** `completion/complete`: to the server of the prompt, or of the template, that it is about. */
export class Completion {
  private readonly byName: ByName
  private readonly byUri: ByUri

  constructor(byName: ByName, byUri: ByUri) {
    this.byName = byName
    this.byUri = byUri
  }

  async call(caller: Caller): Promise<void> {
    const ref = textsIn(caller.request, 'ref', ['type', 'name', 'uri'])
    const prompt = ref['type']?.text === 'ref/prompt' ? ref['name'] : undefined
    if (typeof prompt?.text === 'string') {
      const { server, name } = await this.byName.find(caller, prompt.text, 'prompts')
      return caller.relay(server, { edits: [{ span: prompt.span, bytes: JSON.stringify(name) }] })
    }
    const located = ref['uri']
    const uri = located?.text ?? ''
    await this.byUri.find(caller, uri)
    const target = caller.routes.ofTemplate(uri) ?? caller.routes.find(uri)
    const server = target === null ? undefined : this.byUri.serverOf(target)
    if (target === null || server === undefined || located === undefined) {
      throw new McpoError('INVALID_PARAMS', 'params.ref names no prompt or resource of any server')
    }
    const edits = target.uri === uri ? [] : [{ span: located.span, bytes: JSON.stringify(target.uri) }]
    await caller.relay(server, { edits })
  }
}
