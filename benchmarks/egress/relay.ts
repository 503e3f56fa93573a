/** A plain relay of Node's, to compare with: from the port that it says to the one that it is given. */
import { connect, createServer } from 'node:net'

const server = createServer((client) => {
  const upstream = connect(Number(process.argv[2]), '127.0.0.1')
  for (const socket of [client, upstream]) {
    socket.on('error', () => {
      client.destroy()
      upstream.destroy()
    })
  }
  client.pipe(upstream)
  upstream.pipe(client)
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(typeof address === 'object' ? address?.port : address)
})
