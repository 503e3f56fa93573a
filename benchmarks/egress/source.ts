/** Sends so many bytes to whoever connects, and ends the connection. Says its port on standard output. */
import { createServer } from 'node:net'

const chunk = Buffer.alloc(256 * 1024, 7)
const total = Number(process.argv[2])

const server = createServer((socket) => {
  let left = total
  const fill = (): void => {
    while (left > 0) {
      const size = Math.min(left, chunk.length)
      left -= size
      if (!socket.write(chunk.subarray(0, size)) && left > 0) return void socket.once('drain', fill)
    }
    socket.end()
  }
  socket.on('error', () => socket.destroy())
  fill()
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  console.log(typeof address === 'object' ? address?.port : address)
})
