/** Node programs, given by `-e`, that run in a sandbox and outside of one alike. Both print a number. */

/** Reads all that comes from 127.0.0.1:PORT, through an HTTP proxy when there is one; prints the milliseconds that it took. */
export const readAll = `
const net = require('node:net')
const [port, proxy] = process.argv.slice(1).map(Number)
const socket = net.connect(proxy || port, '127.0.0.1')
const begun = performance.now()
if (proxy) {
  socket.write('CONNECT 127.0.0.1:' + port + ' HTTP/1.1\\r\\n\\r\\n')
  socket.once('data', (chunk) => { if (!chunk.includes(' 200 ')) throw new Error(String(chunk)); socket.resume() })
} else socket.resume()
socket.on('end', () => console.log(performance.now() - begun))
`

/** Connects so many times, at most 50 at once; prints how many were answered with at least a byte. */
export const connectOften = `
const net = require('node:net')
const [port, count] = process.argv.slice(1).map(Number)
const established = 'HTTP/1.1 200 Connection established\\r\\n\\r\\n'.length
let begun = 0, ended = 0, answered = 0
function next() {
  if (begun === count) return
  begun++
  let got = 0
  const socket = net.connect(3128, '127.0.0.1', () => socket.write('CONNECT 127.0.0.1:' + port + ' HTTP/1.1\\r\\n\\r\\n'))
  socket.on('data', (chunk) => { got += chunk.length })
  socket.on('error', () => {})
  socket.on('close', () => {
    if (got > established) answered++
    if (++ended === count) console.log(answered)
    else next()
  })
}
for (let index = 0; index < 50; index++) next()
`
