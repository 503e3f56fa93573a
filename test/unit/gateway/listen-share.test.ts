import t from 'tap'
import { entriesOf, type OwnEntry, shareOf } from '../../../lib/gateway/listen-share.ts'
import { parseMessage } from '../../../lib/protocol/message.ts'
import { scanChunkJs } from '../../../lib/protocol/scan.ts'

const requestOf = (notifications: string) =>
  parseMessage(
    [Buffer.from(`{"id":1, "method":"subscriptions/listen","params":{"x":1.0, "notifications" : ${notifications}}}`)],
    scanChunkJs,
  )
const mine: OwnEntry = (_, entry) => (entry.startsWith('mine:') ? entry.slice(5) : null)
const textOf = (notifications: string) => {
  const share = shareOf(requestOf(notifications), scanChunkJs, mine)
  return share === null ? null : Buffer.concat(share.request.pieces).toString()
}

t.test('a server is asked for what is its own, in its own words, and all else stays', async (t) => {
  const filter = '{"resourceSubscriptions" : ["mine:a","b",7], "y":[1e400], "taskIds":["c","mine:d"]}'
  const own = '{"resourceSubscriptions" : ["a"], "y":[1e400], "taskIds":["d"]}'
  t.equal(textOf(filter), Buffer.concat(requestOf(own).pieces).toString())
  const share = shareOf(requestOf(filter), scanChunkJs, mine)
  t.equal(share?.asked('resourceSubscriptions', 'a'), 'mine:a')
  t.equal(share?.asked('resourceSubscriptions', 'b'), undefined)
  t.equal(share?.asked('taskIds', 'a'), undefined)
})

t.test('a server that nothing concerns is not asked; one that a list flag concerns is', async (t) => {
  t.equal(textOf('{"resourceSubscriptions":["b"]}'), null)
  t.equal(textOf('{"resourceSubscriptions":["b"],"toolsListChanged":false}'), null)
  t.match(textOf('{"resourceSubscriptions":["b"],"toolsListChanged":true}'), '"resourceSubscriptions":[],')
  t.match(textOf('{ }'), '"notifications" : { }')
})

t.test('a list that stands there twice, or is too long, is refused', async (t) => {
  const code = { code: 'INVALID_PARAMS' }
  t.throws(() => textOf('{"taskIds":["mine:a"],"task\\u0049ds":["b"]}'), code)
  t.throws(() => entriesOf(requestOf(`{"taskIds":${JSON.stringify(Array(1001).fill('a'))}}`), 'taskIds'), code)
  t.equal(entriesOf(requestOf(`{"taskIds":${JSON.stringify(Array(1000).fill('a'))}}`), 'taskIds').length, 1000)
})
