'use strict'
// A well-behaved client in a process of its own: asks, waits for the answer, asks again. Arguments: port, then frames in hexadecimal.
const { connect } = require('node:net')

const [port, ...hex] = process.argv.slice(2)
const PAUSE_MS = 10
const frames = hex.map((frame) => Buffer.from(frame, 'hex'))

let waits = []
let asked = 0
let askedMs = 0
let wanted = -1
let received = 0
let isLost = false

const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true }, ask)
socket.on('data', take)
socket.on('error', () => {})
socket.on('close', () => {
  isLost = true
})

function ask() {
  askedMs = performance.now()
  wanted = -1
  received = 0
  socket.write(frames[asked++ % frames.length])
}

function take(chunk) {
  if (wanted < 0) wanted = 4 + chunk.readInt32BE(0)
  received += chunk.length
  if (received < wanted) return
  waits.push(performance.now() - askedMs)
  setTimeout(ask, PAUSE_MS)
}

// Any message asks for the waits since the last one; what is waited for now counts too.
process.on('message', () => {
  const all = [...waits, ...(received < wanted || wanted < 0 ? [performance.now() - askedMs] : [])]
  waits = []
  process.send?.({ all, isLost })
})
process.on('disconnect', () => process.exit())
